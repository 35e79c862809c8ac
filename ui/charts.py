"""Charts with their sentence, verdicts, errors and empty states: the same everywhere."""

import math
import re
import statistics
from functools import partial
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from core.baselines.registry import phrase
from core.charts import export as numbers_of
from core.datasets.targets import TARGETS
from core.datasets.windows import anchored
from core.errors import CoreError
from core.evaluation.verdict import SIGNIFICANT
from core.explain.explanation import sum_by_group
from core.features import registry
from core.storage import runs
from core.types import Evaluation, Explanation, Run, Verdict
from ui import cache, session

CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"]}


def plain(text: str) -> str:
    """`text` so that Markdown shows it as it is: names come from people's files."""
    return re.sub(r"([\\`*_{}\[\]()#+!|<>$~:])", r"\\\1", text)


def chart(figure: go.Figure, says: str, key: str) -> None:
    """A figure and the one sentence that says what it shows, with its numbers and its link."""
    st.plotly_chart(figure, width="stretch", theme=None, key=key, config=CONFIG)
    _under(figure, says, key)


def pick(figure: go.Figure, says: str, key: str) -> str | None:
    """A figure whose points can be clicked; the customdata of the clicked one, or None."""
    event: Any = st.plotly_chart(
        figure, width="stretch", theme=None, key=key, config=CONFIG, on_select="rerun", selection_mode="points"
    )
    _under(figure, says, key)
    for point in event.selection.points:
        value = point.get("customdata")
        value = value[0] if isinstance(value, list) and value else value
        if isinstance(value, str):
            return value
    return None


def _under(figure: go.Figure, says: str, key: str) -> None:
    """The sentence and, behind three dots, the numbers to download and the address that shows this view again."""
    with st.container(horizontal=True, wrap=False, key=f"under-{key}"):
        st.caption(plain(says), width="stretch")
        with st.popover(":material/more_horiz:", help="Numbers and link", type="tertiary", key=f"more-{key}"):
            st.download_button(
                "Numbers of this chart (CSV)",
                partial(numbers_of.to_csv, figure),
                f"{key}.csv",
                "text/csv",
                key=f"numbers-{key}",
                on_click="ignore",
                icon=":material/download:",
            )
            if address := session.address():
                st.caption("This view again:")
                st.code(address, language=None, wrap_lines=True)


def verdict(evaluation: Evaluation) -> None:
    """The verdict in its colour, the numbers under it, and every alarm."""
    said = evaluation.verdict
    box = {"good": st.success, "bad": st.error}.get(said.tone, st.warning)
    icon = {"good": ":material/check_circle:", "bad": ":material/cancel:"}.get(said.tone, ":material/help:")
    sentence = plain(said.text.replace("p = ", "p\u00a0=\u00a0").replace("p < ", "p\u00a0<\u00a0"))  # one line
    box(f"**{sentence}**", icon=icon)
    for why in dict.fromkeys(evaluation.left_out.values()):
        names = [phrase(name) for name, reason in evaluation.left_out.items() if reason == why]
        st.caption(plain(f"Not compared with {' and '.join(names)}: {why}"))
    for alarm in evaluation.alarms:
        st.warning(f"**{plain(alarm.name.capitalize())}.** {plain(alarm.text)}", icon=":material/warning:")


def label(run: Run) -> None:
    """The plain word that belongs to every view that explains a model without skill."""
    said = run.evaluation.verdict
    if said.tone == "none" and said.skill > 0 and said.p_value < SIGNIFICANT:
        st.caption(":orange-badge[Describes the model; a simpler one knows more]")
    elif said.tone != "good":
        st.caption(":orange-badge[Describes the model, which knows nothing]")


def numbers(run: Run) -> None:
    """The figures behind a verdict in one row."""
    evaluation = run.evaluation
    said, bands = evaluation.verdict, evaluation.bands
    cells = [
        (
            "Skill",
            f"{said.skill:+.1%}",
            _sure(evaluation),
            f"1 − error / error of {said.reference}, on the test "
            "part; below it what it may be when the same forecasts meet another stretch of time (95 % interval of a "
            "stationary bootstrap)",
        ),
        ("p-value", f"{said.p_value:.3f}", None, "Diebold–Mariano: how often luck alone would do this"),
    ]
    if bands:
        cells.append(
            (
                f"{bands['nominal']:.0%} band holds",
                f"{bands['coverage']:.1%}",
                None,
                "Share of test outcomes inside the band",
            )
        )
    cells += _hits(said)
    cells.append(
        ("Test windows", f"{run.rows['test']:,}", None, "Forecasts that the model was judged by, never trained on")
    )
    for column, (label, value, below, help_) in zip(st.columns(len(cells)), cells, strict=True):
        column.metric(label, value, delta=below, delta_color="off", delta_arrow="off", help=help_)


def _hits(said: Verdict) -> list[tuple[str, str, str | None, str]]:
    """The cells of a direction: its hit rate beside the majority share, and whether hits could be luck."""
    if "hit_rate" not in said.tests:
        return []
    tests, p = said.tests, said.tests.get("pesaran_timmermann")
    return [
        (
            "Hit rate",
            f"{tests['hit_rate']:.1%}",
            f"always the same direction: {tests['majority_share']:.1%}",
            f"Of the last step, labels that do not overlap; 95 % interval {tests['hit_low']:.1%} to "
            f"{tests['hit_high']:.1%} (Wilson)",
        ),
        (
            "p-value of hits",
            "undefined" if p is None else f"{p:.3f}",
            None,
            "Pesaran–Timmermann: how often forecasts that know nothing hit like this",
        ),
    ]


def _sure(evaluation: Evaluation) -> str | None:
    """The interval of the skill, and how the networks of an ensemble do one by one."""
    low, high = evaluation.verdict.interval
    parts = [f"{low:+.1%} to {high:+.1%}"] if math.isfinite(low) else []
    return "; ".join([*parts, *filter(None, [_spread(evaluation)])]) or None


def _spread(evaluation: Evaluation) -> str | None:
    """Mean and spread of the skill of an ensemble's networks one by one."""
    skills = [entry["skill"] for entry in evaluation.members]
    if not skills:
        return None
    return f"{len(skills)} networks alone: {statistics.mean(skills):+.1%} ± {statistics.stdev(skills):.1%}"


def error(problem: CoreError) -> None:
    st.error(plain(str(problem)), icon=":material/error:")


def empty(text: str, path: str, label: str) -> None:
    """What to do where there is nothing yet to see."""
    st.info(text, icon=":material/info:")
    st.page_link(path, label=label, icon=":material/arrow_forward:")


def current_run() -> Run:
    """The run that the page is about; where there is none, say what to do and stop the page."""
    name = session.run_id()
    if name is None:
        empty(
            "There is no run yet. Start the demo on the home page: it takes about half a minute.",
            "app.py",
            "Run the demo",
        )
        st.stop()
    try:
        run = cache.run(name)
    except CoreError as problem:
        error(problem)
        st.page_link("pages/runs.py", label="Choose another run", icon=":material/folder:")
        st.stop()
    title(run)
    return run


def explained_unit(run: Run) -> str:
    """The unit of contributions: where the network learns the distance from the last value, it is that distance."""
    unit = TARGETS[run.spec.target.kind].unit
    if not anchored(run.spec):
        return unit
    return "times the last value" if run.spec.window.log else f"{unit} from the last value"


def in_families(run: Run, explanation: Explanation) -> Explanation:
    """The explanation by families of features: price, volume, momentum, …"""
    return sum_by_group(explanation, registry.families(run.spec.features))


def title(run: Run) -> None:
    """One line on which run this is."""
    spec = run.spec
    symbols = ", ".join(spec.data.symbols)
    st.caption(
        plain(
            f"Run {run.id}: {spec.model.kind.upper()} on {symbols}, {spec.target.kind.replace('_', ' ')} "
            f"{spec.target.horizon} sessions ahead, window of {spec.window.lookback}"
        )
    )


def step_of(run: Run, key: str) -> int:
    """The step to look at: chosen by a slider where there are several, the last at first."""
    steps = sorted({int(s) for s in run.forecast["step"].unique()})
    if len(steps) == 1:
        return steps[0]
    return st.select_slider("Sessions ahead", steps, value=steps[-1], key=key, bind="query-params")


def symbol_of(run: Run, key: str) -> str:
    """The symbol to look at: chosen where there are several."""
    names = [str(c) for c in run.forecast["symbol"].cat.categories]
    return names[0] if len(names) == 1 else st.selectbox("Symbol", names, key=key, bind="query-params")


def summary_line(summary: runs.Summary) -> str:
    return plain(summary.problem or summary.verdict)
