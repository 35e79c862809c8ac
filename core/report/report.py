"""The report of a saved run: its card and its charts as one HTML file."""

from core.datasets.windows import prepare_saved
from core.report import card, figures, html
from core.types import Run


def build(run: Run) -> str:
    """The report of a run, in the language of the screen."""
    prepared = prepare_saved(run)
    return html.render(card.compute(run, prepared), figures.draw(run, prepared))
