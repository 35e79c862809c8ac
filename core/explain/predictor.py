"""The way from a network's outputs to one symbol's forecasts in target units, and their gradient.

Axis letters: N windows, L lookback, H steps, F features, K known features, O outputs.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.datasets.scaling import Scaler
from core.datasets.targets import TargetKind
from core.datasets.windows import Prepared
from core.explain.game import Predict
from core.explain.gradients import Gradient
from core.forecasting import distribution
from core.forecasting.forecast import Net, network
from core.types import Floats

if TYPE_CHECKING:
    from core.models.ensemble import Ensemble
    from core.models.network import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictor:
    """The forecasts of one symbol as functions of scaled windows, target units.

    If the network learns the distance from the last value, `predict` returns that distance.
    """

    outputs: Net  # standardised quantiles and the mean (N, H, O), or probabilities (N, H, 1)
    kind: TargetKind
    scaler: Scaler
    symbol: int

    def predict(self, x_NLF: Floats, known_NHK: Floats) -> Floats:
        """The mean forecast, or the probability: (N, H)."""
        return self.to_target_units(self.run(x_NLF, known_NHK))

    def predict_anchored(self, x_NLF: Floats, known_NHK: Floats) -> Floats:
        """The mean forecast of an anchored target, from the last value in the last column of `known_NHK`: (N, H)."""
        outputs_NHO = self.run(x_NLF, known_NHK[:, :, :-1].astype(np.float32))
        return self.to_target_units(outputs_NHO, anchor=known_NHK[:, :, -1])

    def run(self, x_NLF: Floats, known_NHK: Floats) -> Floats:
        """The network's outputs for windows of this symbol: (N, H, O)."""
        return self.outputs(x_NLF, known_NHK, np.full(len(x_NLF), self.symbol))

    def to_target_units(self, outputs_NHO: Floats, anchor: Floats | None = None) -> Floats:
        """The mean, or the probability, in target units: (N, H).

        `anchor` has the levels, (N, H) or (N, 1), that an anchored forecast starts from.
        """
        if self.kind.binary:
            return outputs_NHO[:, :, 0]
        learned_NHO = self.unscale(outputs_NHO)
        return distribution.mean(learned_NHO if anchor is None else learned_NHO + anchor[:, :, None], self.kind)

    def unscale(self, outputs_NHO: Floats) -> Floats:
        """Standardised outputs in model units."""
        scale_C1, center_C1 = (s[self.symbol][:, None] for s in (self.scaler.scale_SC, self.scaler.center_SC))
        return outputs_NHO * scale_C1 + center_C1


def build_predictor(net: "Network | Ensemble", prepared: Prepared, symbol: int) -> Predictor:
    """The predictor of a trained network for one symbol (a position)."""
    kind = prepared.kind
    return Predictor(outputs=network(net, kind.binary), kind=kind, scaler=prepared.y_scaler, symbol=symbol)


def with_width(predictor: Predictor, low: int, high: int) -> Predict:
    """The mean forecast and, after it, the width between two quantiles (positions): (N, 2H)."""

    def predict(x_NLF: Floats, known_NHK: Floats) -> Floats:
        outputs_NHO = predictor.run(x_NLF, known_NHK)
        user_NHO = predictor.kind.to_user(predictor.unscale(outputs_NHO))
        width_NH = user_NHO[:, :, high] - user_NHO[:, :, low]
        return np.concatenate([predictor.to_target_units(outputs_NHO), width_NH], axis=1)

    return predict


def sum_over_steps(predict: Predict) -> Predict:
    """The forecast summed over its steps: (N, 1)."""
    return lambda x_NLF, known_NHK: predict(x_NLF, known_NHK).sum(axis=1, keepdims=True)


def forecast_gradient(net: "Network | Ensemble", predictor: Predictor) -> Gradient:
    """The derivatives of the mean forecast, summed over its steps, with respect to its inputs."""
    from core.models.inference import compute_gradient

    def slope(outputs_NHO: Floats) -> Floats:
        """∂ forecast / ∂ standardised outputs: (N, H, O)."""
        if predictor.kind.binary:
            return np.ones_like(outputs_NHO)
        scale_C1 = predictor.scaler.scale_SC[predictor.symbol][:, None]
        return distribution.mean_slope(predictor.unscale(outputs_NHO.astype(float)), predictor.kind) * scale_C1

    return lambda x_NLF, known_NHK: compute_gradient(
        net, x_NLF, known_NHK, slope, np.full(len(x_NLF), predictor.symbol)
    )
