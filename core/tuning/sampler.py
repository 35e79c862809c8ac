"""Which point of the space to try next (Optuna's tree-structured Parzen estimator), and when a trial is hopeless.

Nothing of Optuna is stored: its study is rebuilt in memory from the trials of ours.
"""

import statistics
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.errors import SpecError
from core.spec import Spec
from core.tuning import space as spaces
from core.tuning.space import Dimension
from core.tuning.study import Study, Trial
from core.tuning.trial import RUNGS

if TYPE_CHECKING:
    import optuna

STARTUP = 8  # trials that are drawn at random before the others teach
DRAWS = 30  # of a point that is new and whose settings fit together
LEAST = 4  # complete trials that a curve is compared with
FROM = RUNGS // 4  # the rung from which on trials are pruned: a loss may stand still at first
# Settings that change what a validation loss is measured in: only trials that share them are compared by their curves.
UNITS = ("model.head", "model.norm", "train.loss")


def ask(study: Study, trials: Sequence[Trial]) -> dict[str, Any] | None:
    """The point of the next trial; None if the space has no other. The first is the recipe as it stands.

    Equal trials before it give an equal point, whatever happened in between: the seed is that of the recipe and the
    number of the trial.
    """
    number = len(trials) + 1
    known = [trial.params for trial in trials]
    if number == 1 and (params := spaces.params_of(study.space, study.spec)) is not None:
        return params
    for draw in range(DRAWS):
        params = _draw(study.space, trials, seed=(study.spec.seed * 1_000_003 + number * DRAWS + draw) % 2**32)
        if params not in known and _fits(study.spec, params):
            return params
    return None


def limits(study: Study, trials: Sequence[Trial], params: dict[str, Any]) -> dict[int, float]:
    """The loss at each rung above which a trial at this point is pruned: the median of the complete trials there.

    Trials that stopped early keep their last loss. Empty until there are enough that are measured in the same unit.
    """
    alike = [
        trial.curve
        for trial in trials
        if trial.state == "complete"
        and trial.curve
        and (study.objective != "validation" or all(trial.params.get(name) == params.get(name) for name in UNITS))
    ]
    if len(alike) < LEAST:
        return {}
    rungs = range(FROM, RUNGS) if study.objective == "validation" else range(1, study.folds)
    return {rung: statistics.median(_loss_at(curve, rung) for curve in alike) for rung in rungs}


def optuna_study(study: Study, trials: Sequence[Trial]) -> "optuna.Study":
    """The finished trials as a study of Optuna in memory, for its sampler and its importances."""
    return _rebuild(study.space, trials, seed=study.spec.seed)


def importances(study: Study, trials: Sequence[Trial]) -> dict[str, float]:
    """The share of each field in what separates the best trials from all (PED-ANOVA, Watanabe, Bansal & Hutter 2023),
    largest first; empty for fewer than ten complete trials, which tell nothing, or where nothing differs."""
    import optuna

    complete = [trial for trial in trials if trial.state == "complete"]
    if len(complete) < 10 or len({trial.value for trial in complete}) < 2:
        return {}
    varied = [one.path for one in study.space if len({str(trial.params[one.path]) for trial in complete}) > 1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shares = optuna.importance.get_param_importances(
            optuna_study(study, complete), evaluator=optuna.importance.PedAnovaImportanceEvaluator(), params=varied
        )
    return {path: float(share) for path, share in sorted(shares.items(), key=lambda item: -item[1])}


def _draw(space: Sequence[Dimension], trials: Sequence[Trial], seed: int) -> dict[str, Any]:
    params = _rebuild(space, trials, seed).ask(_distributions(space)).params
    return {one.path: _rounded(one, params[one.path]) for one in space}


def _rounded(one: Dimension, value: Any) -> Any:
    """A number with three significant digits, as a person would write it."""
    return min(max(float(f"{value:.3g}"), one.low), one.high) if isinstance(value, float) else value


def _rebuild(space: Sequence[Dimension], trials: Sequence[Trial], seed: int) -> "optuna.Study":
    import optuna
    from optuna.trial import TrialState, create_trial

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    states = {
        "complete": TrialState.COMPLETE,
        "pruned": TrialState.PRUNED,
        "failed": TrialState.FAIL,
        "running": TrialState.RUNNING,
    }
    sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=STARTUP, constant_liar=True)
    study, distributions = optuna.create_study(sampler=sampler), _distributions(space)
    study.add_trials(
        [
            create_trial(
                state=states[trial.state],
                params=trial.params,
                distributions=distributions,
                value=trial.value if trial.state == "complete" else None,
                intermediate_values=trial.curve,
            )
            for trial in trials
        ]
    )
    return study


def _distributions(space: Sequence[Dimension]) -> "dict[str, optuna.distributions.BaseDistribution]":
    from optuna import distributions as kinds

    def of(one: Dimension) -> "optuna.distributions.BaseDistribution":
        if one.choices:
            return kinds.CategoricalDistribution(one.choices)
        if one.whole:
            return kinds.IntDistribution(round(one.low), round(one.high), log=one.log)
        return kinds.FloatDistribution(one.low, one.high, log=one.log)

    return {one.path: of(one) for one in space}


def _fits(spec: Spec, params: dict[str, Any]) -> bool:
    """Whether the settings of a point fit together."""
    try:
        spaces.at(spec, params)
    except SpecError:
        return False
    return True


def _loss_at(curve: dict[int, float], rung: int) -> float:
    """The least loss until a rung; that of the first rung where it begins later."""
    return min([loss for at, loss in curve.items() if at <= rung] or [next(iter(curve.values()))])
