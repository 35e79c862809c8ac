"""Holds a model against its baselines on the test part: the tests behind the verdict, and what it rests on."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from core.datasets.targets import TargetKind
from core.evaluation import significance, verdict
from core.evaluation.verdict import ELABORATE, Rival
from core.forecasting.table import Matrix
from core.types import Floats, Verdict

WORTH = 0.01  # share of the least mean squared error within which the simpler baseline is taken


def judge(val: Matrix, test: Matrix, model: str, kind: TargetKind, scale_SC: Floats, horizon: int) -> Verdict:
    """The verdict on `model`. Its reference is the best simple rule of the validation part; one that it beats gives way
    to the best of the test part, a choice that favours no model. Elaborate baselines stand beside it as rivals."""
    simple = [name for name in val.yhat_NH if name != model and name not in ELABORATE]
    loss = {name: losses(test, name, kind, scale_SC) for name in test.yhat_NH}
    said = _against(loss, model, simplest({name: error(val, name, kind, scale_SC) for name in simple}), horizon)
    if said.skill > 0 and said.p_value < verdict.SIGNIFICANT:
        said = _against(loss, model, simplest({name: error(test, name, kind, scale_SC) for name in simple}), horizon)
    remarks, rates = _directions(test, model, horizon) if kind.binary else ([], {})
    return verdict.remarked(replace(said, tests=said.tests | rates), [*_remarks(test, model, horizon), *remarks])


def simplest(error: dict[str, float]) -> str:
    """The first baseline, in the order from simple to elaborate, within 1 % of the least mean squared error."""
    least = min(error.values())
    return next(name for name, value in error.items() if value <= (1 + WORTH) * least)


def skill(mse: float, reference_mse: float) -> float:
    """1 − error / error of the reference; where that makes none, 0 for a forecast without error, else −∞."""
    if reference_mse == 0:
        return 0.0 if mse == 0 else -float("inf")
    return 1 - float(np.sqrt(mse / reference_mse))


def errors(part: Matrix, name: str, kind: TargetKind, scale_SC: Floats) -> Floats:
    """Errors (N, H) in train-standardised units: comparable between symbols of different price."""
    return (kind.to_score(part.yhat_NH[name]) - kind.to_score(part.y_NH)) / scale_SC[part.symbol_N]


def losses(part: Matrix, name: str, kind: TargetKind, scale_SC: Floats) -> tuple[Floats, Floats]:
    """Mean and sum of the squared standardised errors of each cutoff, over steps and the symbols that share it."""
    loss_N = (errors(part, name, kind, scale_SC) ** 2).mean(axis=1)
    by_cutoff = pd.Series(loss_N).groupby(part.cutoff_N)
    return by_cutoff.mean().to_numpy(), by_cutoff.sum().to_numpy()


def error(part: Matrix, name: str, kind: TargetKind, scale_SC: Floats) -> float:
    """Mean squared standardised error of one model over a part."""
    return float(np.mean(errors(part, name, kind, scale_SC) ** 2))


def _against(loss: dict[str, tuple[Floats, Floats]], model: str, reference: str, horizon: int) -> Verdict:
    """The verdict on `model` against one simple rule, with every elaborate baseline beside it."""

    def p_value(one: str, other: str) -> float:
        return significance.diebold_mariano(loss[one][0], loss[other][0], horizon)

    def over(one: str, other: str) -> float:
        return skill(float(loss[one][1].sum()), float(loss[other][1].sum()))

    rivals = [
        Rival(
            name=name,
            skill=over(model, name),
            p_value=p_value(model, name),
            own_p=p_value(name, reference) if over(name, reference) > 0 else 1.0,
        )
        for name in loss
        if name in ELABORATE and name != model
    ]
    said = verdict.verdict(model, reference, over(model, reference), p_value(model, reference), rivals)
    return replace(
        said,
        interval=significance.skill_interval(loss[model][1], loss[reference][1], horizon),
        tests={"diebold_mariano": said.p_value} | {f"against_{r.name}": r.p_value for r in rivals},
    )


def _remarks(test: Matrix, model: str, horizon: int) -> list[str]:
    """What keeps the test part from telling anything."""
    count, said = len(np.unique(test.cutoff_N)), []
    if significance.too_few(count, horizon):
        said.append(
            f"The test part has {count} cutoffs and a label reaches {horizon} sessions ahead: too few for any test."
        )
    if np.ptp(test.y_NH) == 0:
        said.append("Every outcome of the test part is the same.")
    if np.ptp(test.yhat_NH[model]) == 0:
        said.append("The forecast is the same at every cutoff.")
    return said


def _directions(test: Matrix, model: str, horizon: int) -> tuple[Sequence[str], dict[str, float]]:
    """The hit rate of the last step with its interval, the share of the more frequent direction, and the p-value of
    Pesaran & Timmermann; from cutoffs so far apart that labels do not overlap. Symbols share their news, so they count
    once for the interval, and the least of their p-values is multiplied by their number."""
    kept = np.isin(test.cutoff_N, np.unique(test.cutoff_N)[::-1][:: test.steps[-1]])
    y_n, p_n, symbol_n = test.y_NH[kept, -1], test.yhat_NH[model][kept, -1], test.symbol_N[kept]
    rate, share = float(np.mean((p_n > 0.5) == (y_n > 0.5))), float(np.mean(y_n > 0.5))
    low, high = significance.wilson(rate, len(np.unique(test.cutoff_N[kept])))
    rates = {"hit_rate": rate, "hit_low": low, "hit_high": high, "majority_share": max(share, 1 - share)}
    each = [
        significance.pesaran_timmermann(y_n[symbol_n == s] - 0.5, p_n[symbol_n == s] - 0.5) for s in np.unique(symbol_n)
    ]
    defined = [p_value for p_value, why in each if not why]
    if defined:
        return [], rates | {"pesaran_timmermann": min(1.0, min(defined) * len(defined))}
    return [f"Hits cannot be told from luck: {each[0][1]}."], rates
