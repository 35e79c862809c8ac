"""The report of a saved run: its card and its charts as one HTML file."""

from core.datasets.windows import Prepared, prepare_saved
from core.evaluation import alarms
from core.language import shown, tr
from core.report import figures, html, limits, names, origin, results
from core.report.card import Card, Section
from core.types import Run


def build(run: Run) -> str:
    """The report of a run, in the language of the screen."""
    prepared = prepare_saved(run)
    return html.render(compute_card(run, prepared), figures.draw(run, prepared))


def compute_card(run: Run, prepared: Prepared) -> Card:
    """The card of a run; `prepared` are its windows."""
    evaluation = run.evaluation
    return Card(
        run_id=run.id,
        created=run.created,
        title=names.of_run(run),
        tone=evaluation.verdict.tone,
        verdict=shown(evaluation.verdict.text),
        alarms=tuple((_alarm_title(alarm.name), shown(alarm.text)) for alarm in evaluation.alarms),
        sections=(
            results.forecast(run),
            results.scores(run),
            results.intervals(run),
            results.importances(run),
            origin.data(run),
            origin.splits(run, prepared),
            origin.recipe(run),
            Section(name="limits", title=tr("What it cannot tell you"), sentences=limits.describe(run)),
            origin.environment(run),
        ),
    )


def _alarm_title(name: str) -> str:
    return shown(alarms.TITLES.get(name, name))
