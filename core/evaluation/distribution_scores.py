"""Scores of a forecast as a distribution, and their tests against the reference of the verdict.

The mean pinball loss judges every quantile; for volatility QLIKE judges the variance that they imply.
Axis letters: N windows, H steps, Q quantiles.
"""

from dataclasses import replace

import numpy as np

from core.baselines.registry import phrase
from core.datasets.targets import TargetKind
from core.evaluation import baseline_tests, long_run, metrics, significance
from core.evaluation import verdict as verdicts
from core.forecasting import distribution
from core.forecasting.table import QUANTILE_LEVELS, ForecastMatrix
from core.language import figures, message
from core.models.kinds import title_of
from core.threads import one_thread
from core.types import Floats, Verdict

Losses = dict[str, Floats]  # each score of every forecast, (N, H)


def scores(loss: Losses) -> dict[str, float]:
    """The mean of each score over the test split."""
    return {name: float(loss_NH.mean()) for name, loss_NH in loss.items()}


def losses(test: ForecastMatrix, quantile_NHQ: Floats, kind: TargetKind, scale_SC: Floats) -> Losses:
    """Each score of every forecast: (N, H). `quantile_NHQ` has QUANTILE_LEVELS in the user's units.

    `pinball` is in train-standardised score units. `qlike` is that of the mean variance: no other forecast of a
    volatility has the least expected QLIKE (Patton 2011).
    """
    scale_NC1 = scale_SC[test.symbol_N][..., None]
    quantile, y = kind.to_score(quantile_NHQ) / scale_NC1, kind.to_score(test.y_NH) / scale_NC1[..., 0]
    loss = {"pinball": metrics.pinball(y, quantile, QUANTILE_LEVELS)}
    if "qlike" in kind.scores:
        variance_NH = distribution.expectation(quantile_NHQ**2, QUANTILE_LEVELS)
        loss["qlike"] = metrics.qlike_losses(test.y_NH**2, variance_NH)
    return loss


@one_thread()
def add_tests(verdict: Verdict, test: ForecastMatrix, loss: dict[str, Losses], model: str, horizon: int) -> Verdict:
    """The verdict with the skill by each score and its p-value (Diebold & Mariano) against the same reference.

    `loss` are the losses of each model with quantiles. A sentence names the mean pinball loss if its conclusion differs
    from that of the verdict.
    """
    if not {model, verdict.reference} <= loss.keys():
        return verdict
    own, other = loss[model], loss[verdict.reference]
    overlap, tests = long_run.count_overlap(test.cutoff_N, test.symbol_N, horizon), dict(verdict.tests)
    for name in own:
        own_N, other_N = (baseline_tests.sum_by_cutoff(each[name].mean(axis=1), test) for each in (own, other))
        tests[f"{name}_skill"] = 1 - float(own[name].mean()) / max(float(other[name].mean()), 1e-300)
        tests[name] = significance.diebold_mariano(own_N, other_N, overlap)
    verdict = replace(verdict, tests=tests)
    by, p_value = tests["pinball_skill"], tests["pinball"]
    if _conclusion(by, p_value) == _conclusion(verdict.skill, verdict.p_value):
        return verdict
    sentence = (
        message(
            "As a distribution, the {model}'s mean pinball loss is {by} smaller than that of {reference} ({p_value}).",
            model=title_of(model),
            by=figures.percent(abs(by), 1),
            reference=phrase(verdict.reference),
            p_value=verdicts.format_p_value(p_value),
        )
        if by > 0
        else message(
            "As a distribution, the {model}'s mean pinball loss is {by} larger than that of {reference} ({p_value}).",
            model=title_of(model),
            by=figures.percent(abs(by), 1),
            reference=phrase(verdict.reference),
            p_value=verdicts.format_p_value(p_value),
        )
    )
    return verdicts.add_remarks(verdict, [sentence])


def _conclusion(skill: float, p_value: float) -> int:
    """1 for evidence of skill, −1 for evidence of the opposite, else 0."""
    return int(np.sign(skill)) if p_value < verdicts.SIGNIFICANT else 0
