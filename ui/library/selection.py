"""What is done with the ticked runs: open, compare, take along, star, delete, and take a deletion back."""

from collections.abc import Sequence

import streamlit as st

from core.errors import CoreError, words
from core.evaluation.compare.shared import LETTERS
from core.language import tr, tr_n
from core.storage import runs, trash, visitors
from core.storage.marks import MAX_NOTE, MAX_TAGS, Marks, build
from core.storage.runs import Summary
from ui import cache, markdown, messages, names, session, takeaway

DELETED = "library-deleted"  # the ids of the runs that were deleted last in this session
SHOWN = "library-shown"  # the ids of the runs that the list showed last
PROBLEM = "library-problem"  # what went wrong at the last click


def draw(ticked: Sequence[Summary], tags: Sequence[str]) -> None:
    """The buttons for the ticked runs; of a single one its verdict and its marks too. `tags` are those in use."""
    foreign = visitors.trained_by_others(session.visitor(), cache.RUNS)
    with st.container(border=True):
        if len(ticked) == 1:
            _draw_title(ticked[0])
        with st.container(horizontal=True, vertical_alignment="center"):
            if len(ticked) > 1:
                st.markdown(tr_n("**{count} run**", "**{count} runs**", len(ticked)), width="content")
            _draw_buttons(ticked, [one for one in ticked if one.id not in foreign])
        if len(ticked) == 1 and not ticked[0].problem:
            _draw_marks(ticked[0], tags, disabled=ticked[0].id in foreign)


def draw_gone(summaries: Sequence[Summary]) -> None:
    """Say so if runs that this list showed last are gone: a click on them does nothing."""
    ids, deleted = {one.id for one in summaries}, st.session_state.get(DELETED) or ()
    gone = [one for one in st.session_state.get(SHOWN, ()) if one not in ids and one not in deleted]
    st.session_state[SHOWN] = tuple(ids)
    if gone:
        messages.info(
            tr_n(
                "{count} run of this list is gone: it was deleted in another window or by another server. The list is "
                "up to date now.",
                "{count} runs of this list are gone: they were deleted in another window or by another server. The "
                "list is up to date now.",
                len(gone),
            )
        )


def draw_undo() -> None:
    """What the last click has done: a problem, or deleted runs with the way to take that back."""
    if problem := st.session_state.pop(PROBLEM, None):
        messages.error(problem)
    deleted = st.session_state.get(DELETED)
    if not deleted:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="deleted-runs"):
        sentence = tr_n(
            "{count} run deleted; it can be restored for {days} days.",
            "{count} runs deleted; they can be restored for {days} days.",
            len(deleted),
            days=trash.DAYS,
        )
        st.markdown(f":material/delete: {sentence}", width="content")
        st.button(tr("Undo"), icon=":material/undo:", key="undo-delete", on_click=_restore, args=(deleted,))


def _draw_title(summary: Summary) -> None:
    title = summary.id if summary.problem else names.summary(summary)
    star = "★ " if summary.marks.star else ""
    st.markdown(
        f"**{star}{markdown.escape(title)}**  \n{markdown.escape(summary.problem or summary.verdict)}  \n"
        f":gray[{summary.id}]"
    )


def _draw_buttons(ticked: Sequence[Summary], allowed: Sequence[Summary]) -> None:
    ids, sound = tuple(one.id for one in ticked), not any(one.problem for one in ticked)
    if len(ticked) == 1 and sound and st.button(tr("Open"), key="open-run", icon=":material/open_in_new:"):
        session.choose_run(ids[0])
        st.switch_page("pages/forecast.py", query_params={"run": ids[0]})
    comparable = sound and 2 <= len(ticked) <= len(LETTERS)
    if st.button(
        tr("Compare"),
        key="compare-runs",
        icon=":material/compare_arrows:",
        type="primary" if comparable else "secondary",
        disabled=not comparable,
        help=None if comparable else tr("Tick two to four runs"),
    ):
        st.switch_page("pages/compare.py", query_params={"runs": ",".join(ids)})
    starred = all(one.marks.star for one in ticked)
    st.button(
        tr("Remove star") if starred else tr("Star"),
        key="star-runs",
        icon=":material/star:",
        on_click=_star,
        args=(tuple(allowed), not starred),
        disabled=not allowed or not sound,
    )
    if len(ticked) == 1:
        takeaway.draw(ids[0], damaged=not sound)
    st.button(
        tr("Delete"),
        key="delete-runs",
        icon=":material/delete:",
        on_click=_delete,
        args=(tuple(one.id for one in allowed),),
        disabled=not allowed,
        help=None
        if len(allowed) == len(ticked)
        else tr("{count} of them stay: another visitor trained them", count=len(ticked) - len(allowed))
        if allowed
        else tr("Another visitor trained this run; only they may delete it"),
    )


def _draw_marks(summary: Summary, tags: Sequence[str], disabled: bool) -> None:
    """Tags and note of one run, saved with a click."""
    marks = summary.marks
    with st.form(f"marks-{summary.id}", border=False):
        left, middle, right = st.columns([4, 5, 1], vertical_alignment="bottom")
        left.multiselect(
            tr("Tags"),
            sorted({*tags, *marks.tags}),
            marks.tags,
            key=f"tags-{summary.id}",
            accept_new_options=True,
            max_selections=MAX_TAGS,
            disabled=disabled,
            placeholder=tr("Choose or type"),
        )
        middle.text_input(tr("Note"), marks.note, max_chars=MAX_NOTE, key=f"note-{summary.id}", disabled=disabled)
        right.form_submit_button(
            tr("Save"), on_click=_mark, args=(summary,), disabled=disabled, key=f"mark-{summary.id}", width="stretch"
        )


def _mark(summary: Summary) -> None:
    tags, note = st.session_state.get(f"tags-{summary.id}", ()), st.session_state.get(f"note-{summary.id}", "")
    _save(summary.id, build(tags, note or "", summary.marks.star))


def _star(chosen: Sequence[Summary], star: bool) -> None:
    for summary in chosen:
        _save(summary.id, build(summary.marks.tags, summary.marks.note, star))


def _save(run_id: str, marks: Marks) -> None:
    if not visitors.may_delete(session.visitor(), run_id, cache.RUNS):
        return  # it got an owner since the button was drawn
    try:
        runs.save_marks(run_id, marks, cache.RUNS)
    except CoreError as problem:
        st.session_state[PROBLEM] = words(problem)


def _delete(run_ids: Sequence[str]) -> None:
    """Move runs into the trash, unless somebody else has trained them meanwhile."""
    foreign = visitors.trained_by_others(session.visitor(), cache.RUNS)
    try:
        deleted = trash.delete([one for one in run_ids if one not in foreign], cache.RUNS)
    except CoreError as problem:
        st.session_state[PROBLEM] = words(problem)
        return
    except OSError as error:  # another server deletes at the same time
        st.session_state[PROBLEM] = tr("Not deleted ({error}). Try again.", error=error.strerror or error)
        return
    st.session_state[DELETED] = deleted
    if session.run_id() in deleted:
        session.choose_run(None)


def _restore(run_ids: Sequence[str]) -> None:
    st.session_state[DELETED] = None
    try:
        missing = len(run_ids) - len(trash.restore(run_ids, cache.RUNS))
    except CoreError as problem:
        st.session_state[PROBLEM] = words(problem)
        return
    if missing:
        st.session_state[PROBLEM] = tr_n(
            "{count} run could not be restored: it is gone for good, or its name is taken.",
            "{count} runs could not be restored: they are gone for good, or their names are taken.",
            missing,
        )
