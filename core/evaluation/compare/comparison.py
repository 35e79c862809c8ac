"""Several runs compared: their scores on the shared test windows, and a paired test of every two of them."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.baselines import registry
from core.datasets.targets import TargetKind, kind_of
from core.datasets.windows import prepare_saved
from core.evaluation import baseline_tests, distribution_scores, long_run, score, significance
from core.evaluation.compare import recipes, shared
from core.evaluation.compare.recipes import RecipeDifference
from core.evaluation.compare.shared import REFERENCE, SharedTest
from core.evaluation.verdict import SIGNIFICANT
from core.threads import one_thread
from core.types import Floats, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class RunScores:
    """The scores of one run on the shared windows, named as in `Evaluation.scores`; `skill` is against the common
    reference, with its 95 % interval. `bands` has nominal coverage, coverage, width and Winkler score of its prediction
    interval; empty for a direction, which has none."""

    run_id: str
    model: str
    scores: dict[str, float]
    interval: tuple[float, float]
    bands: dict[str, float]
    importance: dict[str, float]  # as explained; empty for a run without explanation

    @property
    def loss(self) -> float:
        """Mean squared error in the standardised units of the first run."""
        return self.scores["mse_scaled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A paired test of two runs, positions `a` and `b`: are their losses equal on average?

    `difference` = mean loss of a − mean loss of b, train-standardised squared units of the first run, with its 95 %
    interval `low` … `high`; `skill` = 1 − RMSE of a / RMSE of b, above zero if a is better, with its `skill_interval`.
    `p_adjusted` is the p-value corrected for the number of pairs (Holm). Bounds are NaN where the test is undefined.
    """

    a: int
    b: int
    difference: float
    low: float
    high: float
    skill: float
    skill_interval: tuple[float, float]
    p_value: float
    p_adjusted: float

    @property
    def significant(self) -> bool:
        """Whether the difference is evidence, among so many pairs."""
        return self.p_adjusted < SIGNIFICANT


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two to four runs in the order in which they were chosen; `reference` is the baseline of every skill."""

    runs: tuple[RunScores, ...]
    reference: str
    unit: str
    test: SharedTest
    overlap: int  # cutoffs in a row that share outcomes
    pairs: tuple[Pair, ...]
    recipe: tuple[RecipeDifference, ...]

    @property
    def letters(self) -> tuple[str, ...]:
        """What the runs are called in sentences and charts."""
        return tuple(shared.LETTERS[: len(self.runs)])

    @property
    def best(self) -> int:
        """The position of the run with the least loss."""
        return int(np.argmin([run.loss for run in self.runs]))

    def seen_from(self, position: int) -> tuple[Pair, ...]:
        """The pairs of one run with each other, as a comparison of it with them."""
        return tuple(pair if pair.a == position else flip(pair) for pair in self.pairs if position in (pair.a, pair.b))


def flip(pair: Pair) -> Pair:
    """The same pair with a and b exchanged."""
    low, high = pair.skill_interval
    return Pair(
        a=pair.b,
        b=pair.a,
        difference=-pair.difference,
        low=-pair.high,
        high=-pair.low,
        skill=_inverse(pair.skill),
        skill_interval=(_inverse(high), _inverse(low)),
        p_value=pair.p_value,
        p_adjusted=pair.p_adjusted,
    )


@one_thread()
def compare(runs: Sequence[Run]) -> Comparison:
    """Compare two to four runs of one target on the test windows that they share.

    Losses are those of the verdict: squared errors of the mean in units of the training split, mean over steps, summed
    over the symbols that share a cutoff; so are the test and the number of cutoffs that share outcomes. Scales and
    reference are those of the first run. Raises SpecError if the runs cannot be compared.
    """
    shared.check_targets(runs)
    first = runs[0]
    reference = first.evaluation.verdict.reference
    test, kind = shared.align(runs, reference), kind_of(first.spec.target, bool(first.spec.window.log))
    prepared = prepare_saved(first)
    scale_SC, naive_mae_S = np.asarray(prepared.score_SC), registry.naive_errors(prepared)
    overlap = long_run.count_overlap(test.mean.cutoff_N, test.mean.symbol_N, first.spec.target.horizon)
    loss = {name: baseline_tests.losses_by_cutoff(test.mean, name, kind, scale_SC) for name in test.mean.yhat_NH}
    return Comparison(
        runs=tuple(_score(run, test, kind, scale_SC, naive_mae_S, loss, overlap) for run in runs),
        reference=reference,
        unit=kind.score_unit,
        test=test,
        overlap=overlap,
        pairs=paired_tests([loss[run.id] / _symbols(test) for run in runs], overlap),
        recipe=recipes.differences([run.spec for run in runs]),
    )


def paired_tests(losses: Sequence[Floats], overlap: int) -> tuple[Pair, ...]:
    """Every two of these series of losses at the same cutoffs (N,), compared; p-values corrected by Holm."""
    positions = list(itertools.combinations(range(len(losses)), 2))
    p_values = [significance.diebold_mariano(losses[a], losses[b], overlap) for a, b in positions]
    return tuple(
        _pair(a, b, losses[a], losses[b], overlap, p_value, p_adjusted)
        for (a, b), p_value, p_adjusted in zip(positions, p_values, significance.holm(p_values), strict=True)
    )


def _pair(a: int, b: int, one_N: Floats, other_N: Floats, overlap: int, p_value: float, p_adjusted: float) -> Pair:
    low, high = significance.difference_interval(one_N, other_N, overlap)
    return Pair(
        a=a,
        b=b,
        difference=float(np.mean(one_N - other_N)),
        low=low,
        high=high,
        skill=baseline_tests.skill(float(one_N.sum()), float(other_N.sum())),
        skill_interval=significance.skill_interval(one_N, other_N, overlap),
        p_value=p_value,
        p_adjusted=p_adjusted,
    )


def _score(
    run: Run,
    test: SharedTest,
    kind: TargetKind,
    scale_SC: Floats,
    naive_mae_S: Floats,
    loss: dict[str, Floats],
    overlap: int,
) -> RunScores:
    scores = score.score_model(test.mean, test.median, run.id, kind, scale_SC, naive_mae_S)
    if run.id in test.quantile_NHQ:
        by_quantiles = distribution_scores.losses(test.mean, test.quantile_NHQ[run.id], kind, scale_SC)
        scores |= distribution_scores.scores(by_quantiles)
    scores["skill"] = baseline_tests.skill(float(loss[run.id].sum()), float(loss[REFERENCE].sum()))
    nominal, bands = run.spec.bands.coverage, dict[str, float]()
    if not kind.binary:
        low_NH, high_NH = test.low_NH[run.id], test.high_NH[run.id]
        bands = {"nominal": nominal} | score.score_interval(test.mean.y_NH, low_NH, high_NH, nominal)
    return RunScores(
        run_id=run.id,
        model=run.spec.model.kind,
        scores=scores,
        interval=significance.skill_interval(loss[run.id], loss[REFERENCE], overlap),
        bands=bands,
        importance=dict(run.explanation.importance) if run.explanation else {},
    )


def _symbols(test: SharedTest) -> float:
    """How many forecasts share a cutoff on average: losses are sums over them."""
    return len(test.mean.cutoff_N) / test.cutoffs


def _inverse(skill: float) -> float:
    """The skill of b over a from that of a over b."""
    if skill == 1:
        return -float("inf")
    return 0.0 if skill == -float("inf") else 1 - 1 / (1 - skill)
