"""A training that was still improving when its budget ended, and the button that trains on with twice the budget."""

import streamlit as st

from core.data.sources import uploads
from core.datasets.windows import resolve
from core.errors import CoreError
from core.evaluation import convergence
from core.language import tr
from core.spec import Spec, with_values
from core.types import Run
from ui import boxes, cache, markdown, messages, session, widgets
from ui.jobs import training


def draw(run: Run) -> None:
    """The sentence and the button; nothing for a training that had come to its end."""
    sentence, spec = convergence.describe_unfinished(run), convergence.longer(run.spec)
    if sentence is None:
        return
    with st.container(border=True):
        words, button = st.columns([5, 1.2], vertical_alignment="center")
        words.markdown(f":material/trending_down: {markdown.escape(sentence)}")
        if spec is not None and button.button(
            tr("Train on"),
            key=f"train-on-{run.id}",
            icon=":material/fast_forward:",
            width="stretch",
            on_click=_train_on,
            args=(run, spec),
            help=tr(
                "Trains the same recipe from the beginning, with at most {budget}. This run is kept, and the new one "
                "counts as another experiment.",
                budget=spec.train.budget,
            ),
        ):
            st.switch_page("pages/train.py")


def _train_on(run: Run, spec: Spec) -> None:
    """Train the longer recipe on the series of the run. It starts here, before the page is drawn: with the new budget
    in its boxes the Train page shows that training in place of this run and its button."""
    try:
        training.start(spec, run.frame, _upload(run))
    except CoreError as problem:
        messages.error(problem)
        return
    _show_budget(run, spec)


def _show_budget(run: Run, spec: Spec) -> None:
    """Put the new budget into the boxes of the Train page, if they still hold the recipe of this run."""
    recipe = session.recipe()
    try:
        series = cache.frame(recipe.data, session.upload())
        same = resolve(recipe, series) == run.spec and cache.digest(series) == run.data_digest
    except CoreError:
        return
    if same:
        path, budget = f"train.{spec.train.unit}s", spec.train.epochs or spec.train.steps
        session.set_recipe(with_values(recipe, {path: budget}))
        boxes.put({widgets.key(path): budget})


def _upload(run: Run) -> str | None:
    """The digest under which an interrupted training finds the series of an uploaded file again."""
    if run.spec.data.source != "file" or run.spec.data.join:  # joined series are in the frame already
        return session.upload()
    return uploads.save(run.frame, cache.DOWNLOADS / "uploads")
