"""What a run cannot show and its model cannot do: sentences that are true of this run."""

from collections.abc import Iterator

import pandas as pd

from core.baselines.registry import phrase
from core.charts import text
from core.data.frame import symbols
from core.datasets.targets import TARGETS
from core.evaluation import calibration, convergence
from core.evaluation.short_series import describe_short
from core.evaluation.verdict import join_words
from core.language import shown, tr
from core.models.registry import count_networks
from core.report import names
from core.types import Run


def describe(run: Run) -> tuple[str, ...]:
    """The limits of a run in the language of the screen, one or two sentences each."""
    sentences = (*_of_the_verdict(run), *_of_the_training(run), *_of_the_forecast(run), *_of_the_explanation(run))
    return tuple(shown(sentence) for sentence in sentences)


def _of_the_verdict(run: Run) -> Iterator[str]:
    verdict, horizon, count = run.evaluation.verdict, run.spec.target.horizon, run.rows["test"]
    if verdict.tone != "good":
        yield tr(
            "The test gives no evidence that this model forecasts better than {reference}, which is simpler.",
            reference=shown(phrase(verdict.reference)),
        )
    if short := describe_short(run):
        yield short
    elif horizon > 1:
        yield tr(
            "The verdict rests on one test split of {count} windows. They overlap: side by side there are about "
            "{apart}.",
            count=f"{count:,}",
            apart=f"{max(1, round(count / horizon)):,}",
        )
    else:
        yield tr("The verdict rests on one test split of {count} windows.", count=f"{count:,}")
    yield tr(
        "It is a verdict on that period. Other periods may be different: a walk-forward backtest, which this report "
        "does not hold, tests several."
    )
    yield tr(
        "This report knows one run. How many recipes were tried on the same test split before it stands in the "
        "experiment log, and the more there were, the less the best of them is worth."
    )
    if left_out := run.evaluation.left_out:
        for reason in dict.fromkeys(left_out.values()):
            titles = [names.baseline(name) for name, why in left_out.items() if why == reason]
            yield tr(
                "Not compared with {baselines}: {reason}", baselines=join_words(titles, len(titles)), reason=reason
            )


def _of_the_training(run: Run) -> Iterator[str]:
    count, shared = count_networks(run.weights), run.spec.train.ensemble
    if shared == 1:
        yield tr(
            "It was trained once, from the seed {seed}: another seed gives somewhat other forecasts, and how much they "
            "differ was not measured.",
            seed=run.spec.seed,
        )
    else:
        yield tr("It averages {count} networks, trained from different seeds.", count=count)
    if problem := run.history.problem:
        yield tr("Training ended early: {problem}", problem=shown(problem))
    if unfinished := convergence.describe_unfinished(run):
        yield unfinished


def _of_the_forecast(run: Run) -> Iterator[str]:
    horizon, last = run.spec.target.horizon, pd.DatetimeIndex(run.frame.index)[-1]
    unit = names.unit(run)
    yield tr(
        "It forecasts {steps} ahead of a window of {window}, and nothing beyond. Its data end at {last}: what happened "
        "since, and whether the series still behaves alike, it does not know.",
        steps=text.steps(horizon, unit),
        window=text.steps(run.spec.window.lookback, unit),
        last=text.day(last.to_datetime64()),
    )
    listed = symbols(run.frame)
    yield tr("It was trained on {symbols} alone and is no model of other series.", symbols=join_words(list(listed), 8))
    bands = run.evaluation.bands
    if bands:
        yield tr(
            "The {nominal} interval should cover its share of outcomes on average over many forecasts, not in every "
            "period: in unusual times it may cover fewer.",
            nominal=text.short_percent(bands["nominal"]),
        )
        if bands["calibrated_on"] == "val" and not describe_short(run):
            yield tr("The interval is calibrated on the validation windows that also chose the model.")
        if few := calibration.describe_few_scores(run):
            yield few
    elif TARGETS[run.spec.target.kind].binary:
        yield tr("It forecasts a probability and has no interval.")
    if run.spec.allow_lookahead:
        yield tr("The check that no feature looks ahead was overridden: in real use its errors would be larger.")
    if names.are_prices(run.spec.data.source, listed, (run.spec.target.column or "close",)):
        yield tr("It is a test on the past and not financial advice.")


def _of_the_explanation(run: Run) -> Iterator[str]:
    if run.explanation is None:
        yield tr("The run holds no explanation: what drives its forecasts is not known.")
        return
    yield tr(
        "Importances describe this model on {forecasts}, not causes in the world; of features that move together the "
        "model may use any.",
        forecasts=text.pluralize(len(run.explanation.symbol_N), "explained forecast"),
    )
