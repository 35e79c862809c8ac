"""The parts of a model card on what came of a run: forecast, scores, intervals and importances."""

from core.charts import text
from core.charts.explanation.importance import Z_95
from core.data.frame import symbols
from core.datasets import row_notes
from core.datasets.split import TITLES
from core.evaluation.descriptions import SCORES
from core.evaluation.verdict import show_p_value
from core.language import shown, tr, tr_n
from core.report import names
from core.report.card import Section, Table
from core.report.figures import shown_symbols
from core.types import Run


def forecast(run: Run) -> Section:
    """The latest forecast of each symbol."""
    live = run.forecast[(run.forecast["part"] == "live") & (run.forecast["model"] == run.spec.model.kind)]
    several = len(symbols(run.frame)) > 1
    heads = (tr("Symbol"), tr("Time"), tr("Forecast"), tr("Band from"), tr("to"))
    parts = (live[name].to_numpy() for name in ("symbol", "time", "yhat", "lo", "hi"))
    rows = [
        (str(symbol), text.day(time), *map(_number, numbers)) for symbol, time, *numbers in zip(*parts, strict=True)
    ]
    at, hidden = 0 if several else 1, len(symbols(run.frame)) - len(shown_symbols(run))
    omitted = tr_n("{count} more symbol is not drawn here.", "{count} more symbols are not drawn here.", hidden)
    return Section(
        name="forecast",
        title=tr("Forecast"),
        sentences=(*map(shown, row_notes.missing_live(run)), *([omitted] if hidden else [])),
        table=Table(heads=heads[at:], rows=tuple(row[at:] for row in rows)) if rows else None,
    )


def scores(run: Run) -> Section:
    """The verdict in numbers, and the scores of every model."""
    evaluation, verdict = run.evaluation, run.evaluation.verdict
    facts = [
        (tr("Skill"), text.skill(verdict.skill)),
        (tr("95 % interval of the skill"), " – ".join(map(text.skill, verdict.interval))),
        (tr("p-value"), show_p_value(verdict.p_value)),
        (tr("Reference"), names.baseline(verdict.reference)),
        (tr("Unit of errors"), text.unit_title(names.evaluation(run).unit)),
    ]
    heads = list(dict.fromkeys(name for scores in evaluation.scores.values() for name in scores))
    rows = [
        (text.model_name(model), *(_number(scores.get(name)) for name in heads))
        for model, scores in evaluation.scores.items()
    ]
    arrows = [f"{name} {SCORES[name].arrow}".strip() if name in SCORES else name for name in heads]
    models = [*evaluation.scores]
    return Section(
        name="scores",
        title=tr("Verdict and scores"),
        sentences=(
            tr(
                "Every model forecast the same windows of the test split, which no training saw. ↓ lower is better, ↑ "
                "higher is better, – undefined."
            ),
        ),
        facts=tuple(facts),
        table=Table(
            heads=(tr("Model"), *arrows),
            rows=tuple(rows),
            marked=models.index(run.spec.model.kind) if run.spec.model.kind in models else None,
        ),
    )


def intervals(run: Run) -> Section:
    """What the interval promises and what it keeps."""
    bands = run.evaluation.bands
    if not bands:
        return Section(
            name="intervals",
            title=tr("Intervals"),
            sentences=(tr("There is no interval: a probability says itself how uncertain it is."),),
        )
    rows = [
        (
            str(entry["step"]),
            text.percent(entry["coverage"]),
            *(_number(entry.get(name)) for name in ("width", "winkler")),
        )
        for entry in bands["by_step"]
    ]
    return Section(
        name="intervals",
        title=tr("Intervals"),
        facts=(
            (tr("Nominal coverage"), text.short_percent(bands["nominal"])),
            (tr("Coverage on the test split"), text.percent(bands["coverage"])),
            (tr("Mean width"), f"{_number(bands['width'])} {text.unit_title(names.unit(run))}".strip()),
            (tr("Winkler score"), _number(bands.get("winkler"))),
            (tr("Calibrated on"), tr(TITLES.get(bands["calibrated_on"], bands["calibrated_on"]))),
        ),
        table=Table(
            heads=(names.steps_ahead(names.step(run)), tr("Coverage"), tr("Mean width"), tr("Winkler score")),
            rows=tuple(rows),
        ),
    )


def importances(run: Run) -> Section:
    """The importance of each feature."""
    title, explanation = tr("Importances"), run.explanation
    if explanation is None:
        return Section(name="importances", title=title, sentences=(tr("This run holds no explanation."),))
    errors, step = explanation.importance_error, names.step(run)
    rows = [
        (
            names.feature(code, step),
            code,
            _number(value),
            f"± {_number(Z_95 * errors[code])}" if code in errors else "–",
        )
        for code, value in explanation.importance.items()
    ]
    return Section(
        name="importances",
        title=title,
        sentences=(
            tr(
                "Mean absolute Shapley value of each feature over {count} forecasts; they add up to each forecast "
                "within {error}.",
                count=len(explanation.symbol_N),
                error=text.magnitude(explanation.additivity_error),
            ),
        ),
        table=Table(
            heads=(tr("Feature"), tr("Code name"), text.unit_title(names.contribution_unit(run)), tr("95 % interval")),
            rows=tuple(rows),
        ),
    )


def _number(value: float | None) -> str:
    return "–" if value is None or value != value else text.number(value)
