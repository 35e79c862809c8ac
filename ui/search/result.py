"""A search on the screen while it runs and afterwards: how far it is, its charts, and what to do with the best."""

from typing import Literal

import pandas as pd
import streamlit as st

from core.charts.tuning import search as trials_chart
from core.charts.tuning.search import Importances, Trials, label, show
from core.errors import CoreError, words
from core.language import current, message, tr
from core.spec import Spec, compact
from core.storage import leases, visitors
from core.tuning import sampler, study
from core.tuning.study import Study, Trial
from ui import cache, charts, markdown, messages, names
from ui.search import drives
from ui.train import recipe

CHOSEN = "search"  # the id of the search on the screen
PROBLEM = "search-problem"  # what went wrong at the last click


def choose() -> Study | None:
    """The search to show, the newest unless another is chosen; None if there is none."""
    listed = {of.id: _title(of) for of in study.list_all(cache.RUNS)}
    if not listed:
        return None
    ids, chosen = list(listed), st.session_state.get(CHOSEN)
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    picked = left.selectbox(
        tr("Search"),
        ids,
        index=ids.index(chosen) if chosen in ids else 0,
        format_func=listed.__getitem__,
        key=f"search-chosen-{current()}-{ids[0]}",
    )
    st.session_state[CHOSEN] = picked
    right.button(
        tr("Delete"), key="search-delete", on_click=_delete, args=(picked,), disabled=_is_busy(picked), width="stretch",
        help=tr("Removes this search; its trials still count as experiments"),
    )  # fmt: skip
    if problem := st.session_state.pop(PROBLEM, None):
        messages.error(problem)
    return study.load(picked, cache.RUNS)


def _delete(study_id: str) -> None:
    try:
        study.delete(study_id, cache.RUNS)
    except CoreError as problem:
        st.session_state[PROBLEM] = words(problem)


def draw(of: Study) -> None:
    """How far the search is, its history and its best recipe, redrawn every second while this server runs it."""
    busy = _is_busy(of.id)
    st.fragment(_draw, run_every=1.0 if busy else None)(of.id, busy)


def draw_details(of: Study) -> None:
    """What the settings of its trials say, redrawn now and then while this server runs it."""
    st.fragment(_draw_details, run_every=3.0 if _is_busy(of.id) else None)(of.id)


def _is_busy(study_id: str) -> bool:
    """Whether this server runs the search, or another one."""
    drive = drives.find(study_id)
    return (drive is not None and drive.alive) or _is_elsewhere(study_id)


def _is_elsewhere(study_id: str) -> bool:
    """Whether another process runs the search."""
    try:
        holder = study.driver(study_id, cache.RUNS)
    except CoreError:  # deleted since
        return False
    return holder is not None and not leases.is_mine(holder)


def _title(of: Study) -> str:
    fields = ", ".join(label(one.path) for one in of.space)
    return f"{fields} · {names.recipe(of.spec)} · {of.id}"


def _draw(study_id: str, was_busy: bool) -> None:
    drive, busy = drives.find(study_id), _is_busy(study_id)
    if busy != was_busy:
        st.rerun()  # the page begins or ends to renew itself
    try:
        of, trials = study.load(study_id, cache.RUNS), study.trials(study_id, cache.RUNS)
    except CoreError as problem:
        messages.error(problem)
        return
    if drive is not None and drive.problem and not drive.alive:
        messages.error(message("The search ended early: {problem}", problem=drive.problem))
    _draw_progress(of, trials, drive if drive is not None and drive.alive else None)
    chart = trials_chart.compute(of.space, trials, of.objective)
    if chart.best is None:
        if not busy:
            st.caption(tr("No trial is complete yet."))
        return
    charts.show(trials_chart.draw_history(chart), chart.caption, "search-history")
    _draw_best(of, trials)


def _draw_details(study_id: str) -> None:
    try:
        of, trials = study.load(study_id, cache.RUNS), study.trials(study_id, cache.RUNS)
    except CoreError:  # the panel above says so
        return
    chart = trials_chart.compute(of.space, trials, of.objective)
    if chart.best is not None:
        _draw_fields(of, trials, chart)


def _draw_progress(of: Study, trials: tuple[Trial, ...], drive: drives.Drive | None) -> None:
    done = [one for one in trials if one.over]
    parts = [tr("{done} of {count} trials", done=len(done), count=of.trials) if of.trials else
             tr("{done} trials", done=len(done))]  # fmt: skip
    left = (of.trials or 0) - len(done)
    if drive is not None and of.trials and done:
        seconds = sum(one.seconds for one in done) / len(done) * left / drive.slots
        parts.append(_time_left(seconds))
    row, button = st.columns([4, 1], vertical_alignment="center")
    share = len(done) / of.trials if of.trials else (0.0 if drive is not None else 1.0)
    row.progress(min(share, 1.0), " · ".join(parts))
    if drive is not None and drives.is_mine(drive):
        button.button(
            tr("Cancel"), key="search-cancel", on_click=drives.cancel, args=(of.id,),
            icon=":material/stop_circle:", width="stretch",
        )  # fmt: skip
    elif drive is None and _is_elsewhere(of.id):
        st.caption(tr("Another server or a command line runs this search; its trials appear here as they end."))
    elif (
        drive is None
        and (of.minutes or left > 0)
        and button.button(tr("Go on"), key="search-resume", icon=":material/play_arrow:", width="stretch")
    ):
        try:
            drives.go_on(of.id, st.session_state.get("search-slots", 1))
            st.rerun()
        except CoreError as problem:
            messages.error(problem)


def _time_left(seconds: float) -> str:
    if seconds < 100:
        return tr("about {time} left", time=tr("{seconds} s", seconds=f"{seconds:.0f}"))
    return tr("about {time} left", time=tr("{minutes} min", minutes=f"{seconds / 60:.0f}"))


def _draw_best(of: Study, trials: tuple[Trial, ...]) -> None:
    """The best recipe so far, and the button that takes it to the Train page."""
    best = study.best(trials)[0]
    settings = " · ".join(f"{label(path)} {show(value)}" for path, value in best.params.items())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{tr('Best so far')}:** {markdown.escape(settings)}", width="stretch")
        _draw_way_to_train(of, study.recipe_of(of, best), tr("Use this recipe"), "use", ":material/check:")
        if (ensemble := study.ensemble_of(of, trials)) is not None:
            spec, mates = ensemble
            text = tr("Use the best {count} as an ensemble", count=len(mates))
            about = tr(
                "One network with the settings of each of the trials {trials}; their forecasts are averaged",
                trials=", ".join(str(one.number) for one in mates),
            )
            _draw_way_to_train(of, spec, text, "ensemble", ":material/group_work:", about)
    st.caption(
        tr(
            "The search saw training and validation rows alone. Train this recipe to have it judged on the test split; "
            "its verdict says among how many trials it was chosen."
        )
    )


def _draw_way_to_train(of: Study, spec: Spec, text: str, name: str, icon: str, about: str | None = None) -> None:
    """A button that takes this recipe to the Train page; the first of them, without a word about it, is primary."""
    taken = visitors.Recipe(text=compact.to_text(spec), upload=of.upload)
    kind: Literal["secondary", "primary"] = "secondary" if about else "primary"
    if st.button(text, key=f"search-{name}", type=kind, icon=icon, help=about, on_click=recipe.take, args=(taken,)):
        st.switch_page("pages/train.py")


def _draw_fields(of: Study, trials: tuple[Trial, ...], chart: Trials) -> None:
    """What the settings of the trials say, each chart with its sentence."""
    complete = tuple(one for one in trials if one.state == "complete")
    importances = Importances(share=_importances(of.id, len(complete), complete, of))
    left, right = st.columns(2) if importances.share else (st.container(), st.container())
    with left:
        st.subheader(tr("Settings of the trials"))
        charts.show(trials_chart.draw_lines(chart), trials_chart.describe_lines(chart), "search-lines")
    with right:
        if importances.share:
            st.subheader(tr("Which settings matter"))
            charts.show(trials_chart.draw_importances(importances), importances.caption, "search-importances")
        else:
            st.caption(markdown.escape(importances.caption))
    st.subheader(tr("Error by setting"))
    for start in range(0, len(of.space), 2):
        for cell, one in zip(st.columns(2), of.space[start : start + 2], strict=False):
            with cell:
                caption = trials_chart.describe_slice(chart, one)
                charts.show(trials_chart.draw_slice(chart, one), caption, f"search-slice-{one.path}")
    with st.expander(tr("All trials as numbers")):
        st.dataframe(_table(trials), hide_index=True)


@st.cache_data(show_spinner=False, max_entries=64)
def _importances(study_id: str, count: int, _complete: tuple[Trial, ...], _of: Study) -> dict[str, float]:
    return sampler.importances(_of, _complete)


def _table(trials: tuple[Trial, ...]) -> pd.DataFrame:
    states = {
        "complete": tr("complete"),
        "pruned": tr("stopped early"),
        "failed": tr("failed"),
        "running": tr("not finished"),
    }
    return pd.DataFrame(
        [
            {
                tr("trial"): one.number,
                tr("state"): states[one.state],
                tr("error"): one.value if one.state == "complete" else None,
                tr("Seconds"): one.seconds,
                **{label(path): show(value) for path, value in one.params.items()},
                tr("problem"): one.problem,
            }
            for one in trials
        ]
    )
