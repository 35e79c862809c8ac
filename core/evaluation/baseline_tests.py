"""Compares a model with its baselines on the test split: the statistical tests behind the verdict."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from core.baselines.registry import BASELINES, phrase
from core.datasets.targets import TargetKind
from core.evaluation import long_run, significance
from core.evaluation import verdict as verdicts
from core.evaluation.verdict import BaselineResult
from core.forecasting.table import ForecastMatrix
from core.language import figures, message
from core.models.kinds import title_of
from core.threads import one_thread
from core.types import Floats, Verdict

TOLERANCE = 0.01  # share of the least mean squared error within which the simpler baseline is chosen


@one_thread()
def judge(
    val: ForecastMatrix, test: ForecastMatrix, model: str, kind: TargetKind, scale_SC: Floats, horizon: int
) -> Verdict:
    """The verdict on `model`. Its reference is the best naive baseline of the validation split; if the model beats it,
    the best of the test split, a choice that favours no model. Statistical and machine-learning baselines are compared
    with the model too; another naive baseline that beats it on the test split is named."""
    naive = [name for name in val.yhat_NH if name != model and BASELINES[name].naive]
    loss = {name: losses_by_cutoff(test, name, kind, scale_SC) for name in test.yhat_NH}
    overlap = long_run.count_overlap(test.cutoff_N, test.symbol_N, horizon)

    def compare_with_best(split: ForecastMatrix) -> Verdict:
        mse = {name: mean_squared_error(split, name, kind, scale_SC) for name in naive}
        return _compare(loss, model, choose_reference(mse), overlap)

    verdict = compare_with_best(val)
    if verdict.skill > 0 and verdict.p_value < verdicts.SIGNIFICANT:
        verdict = compare_with_best(test)
    better = _better_baseline({name: float(loss[name].sum()) for name in (*naive, model)}, model, verdict.reference)
    remarks, rates = _directions(test, model) if kind.binary else ([], {})
    verdict = replace(verdict, tests=verdict.tests | rates)
    if kind.binary and verdict.tone == "good" and not rates.get("pesaran_timmermann", 1.0) < verdicts.SIGNIFICANT:
        verdict = verdicts.withhold(verdict, model)
    return verdicts.add_remarks(verdict, [*better, *_remarks(test, model, horizon, overlap), *remarks])


def _better_baseline(loss: dict[str, float], model: str, reference: str) -> list[str]:
    """A sentence on the naive baseline with the least loss on the test split, if it beats the model and is not the
    reference, of which the verdict speaks; else none."""
    best = min(loss, key=lambda name: loss[name])
    if best == model or loss[best] >= loss[reference]:
        return []
    by = skill(loss[best], loss[model])
    return [
        message(
            "On the test split {best} is better: its error is {by} smaller than the {model}'s.",
            best=phrase(best),
            by=figures.percent(by, 1),
            model=title_of(model),
        )
    ]


def choose_reference(mse: dict[str, float]) -> str:
    """The first baseline, in the order from simple to complex, within 1 % of the least mean squared error."""
    least = min(mse.values())
    return next(name for name, value in mse.items() if value <= (1 + TOLERANCE) * least)


def skill(mse: float, reference_mse: float) -> float:
    """1 − error / error of the reference; if that makes none, 0 for a forecast without error, else −∞."""
    if reference_mse == 0:
        return 0.0 if mse == 0 else -float("inf")
    return 1 - float(np.sqrt(mse / reference_mse))


def standardised_errors(split: ForecastMatrix, name: str, kind: TargetKind, scale_SC: Floats) -> Floats:
    """Errors (N, H) in train-standardised units: comparable between symbols of different price."""
    return (kind.to_score(split.yhat_NH[name]) - kind.to_score(split.y_NH)) / scale_SC[split.symbol_N]


def losses_by_cutoff(split: ForecastMatrix, name: str, kind: TargetKind, scale_SC: Floats) -> Floats:
    """The squared standardised errors of each cutoff, mean over steps, summed over the symbols that share it: each
    forecast counts alike in the test, as it does in the skill."""
    loss_N = (standardised_errors(split, name, kind, scale_SC) ** 2).mean(axis=1)
    return sum_by_cutoff(loss_N, split)


def sum_by_cutoff(loss_N: Floats, split: ForecastMatrix) -> Floats:
    """The loss of each cutoff, summed over the symbols that share it, in time order."""
    return pd.Series(loss_N).groupby(split.cutoff_N).sum().to_numpy()


def mean_squared_error(split: ForecastMatrix, name: str, kind: TargetKind, scale_SC: Floats) -> float:
    """Mean squared standardised error of one model over a split."""
    return float(np.mean(standardised_errors(split, name, kind, scale_SC) ** 2))


def _compare(loss: dict[str, Floats], model: str, reference: str, overlap: int) -> Verdict:
    """The verdict on `model` against one naive baseline, next to every other kind of baseline. The p-values of those
    are read together, so each family of them is corrected (Holm)."""

    def p_value(one: str, other: str) -> float:
        return significance.diebold_mariano(loss[one], loss[other], overlap)

    def skill_over(one: str, other: str) -> float:
        return skill(float(loss[one].sum()), float(loss[other].sum()))

    others = [name for name in loss if name != model and not BASELINES[name].naive]
    against = significance.holm([p_value(model, name) for name in others])
    over_reference = significance.holm(
        [p_value(name, reference) if skill_over(name, reference) > 0 else 1.0 for name in others]
    )
    baselines = [
        BaselineResult(name=name, skill=skill_over(model, name), p_value=p, p_value_over_reference=p_over)
        for name, p, p_over in zip(others, against, over_reference, strict=True)
    ]
    verdict = verdicts.build_verdict(
        model, reference, skill_over(model, reference), p_value(model, reference), baselines
    )
    return replace(
        verdict,
        interval=significance.skill_interval(loss[model], loss[reference], overlap),
        tests={"diebold_mariano": verdict.p_value} | {f"against_{b.name}": b.p_value for b in baselines},
    )


def _remarks(test: ForecastMatrix, model: str, horizon: int, overlap: int) -> list[str]:
    """Why the test split is not conclusive, one sentence for each reason."""
    count, remarks = len(np.unique(test.cutoff_N)), list[str]()
    if significance.too_few(count, overlap):
        remarks.append(
            message(
                "The test split has {count} cutoffs and labels reach {horizon} steps ahead: too few for any test.",
                count=count,
                horizon=horizon,
            )
        )
    if np.ptp(test.y_NH) == 0:
        remarks.append(message("Every outcome of the test split is the same."))
    if np.ptp(test.yhat_NH[model]) == 0:
        remarks.append(message("The forecast is the same at every cutoff."))
    return remarks


def _directions(test: ForecastMatrix, model: str) -> tuple[Sequence[str], dict[str, float]]:
    """The hit rate of the last step with its interval, the share of the more frequent direction, and the p-value of
    Pesaran & Timmermann; from cutoffs so far apart that labels do not overlap. Symbols share their news, so they count
    once for the interval, and the least of their p-values is multiplied by their number."""
    overlap = long_run.count_overlap(test.cutoff_N, test.symbol_N, test.steps[-1])
    used_N = np.isin(test.cutoff_N, np.unique(test.cutoff_N)[::-1][::overlap])
    y_n, p_n, symbol_n = test.y_NH[used_N, -1], test.yhat_NH[model][used_N, -1], test.symbol_N[used_N]
    rate, share = float(np.mean((p_n > 0.5) == (y_n > 0.5))), float(np.mean(y_n > 0.5))
    low, high = significance.wilson_interval(rate, len(np.unique(test.cutoff_N[used_N])))
    rates = {"hit_rate": rate, "hit_low": low, "hit_high": high, "majority_share": max(share, 1 - share)}
    results = [
        significance.pesaran_timmermann(y_n[symbol_n == s] - 0.5, p_n[symbol_n == s] - 0.5) for s in np.unique(symbol_n)
    ]
    defined = [p_value for p_value, reason in results if not reason]
    if defined:
        return [], rates | {"pesaran_timmermann": min(1.0, min(defined) * len(defined))}
    return [message("Hits cannot be told from luck: {results}.", results=results[0][1])], rates
