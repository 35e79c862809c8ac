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
from core.forecasting.forecast import MEDIAN, Net, network
from core.types import Floats

if TYPE_CHECKING:
    from core.models.ensemble import Ensemble
    from core.models.network import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictor:
    """The forecasts of one symbol as functions of scaled windows, target units.

    If the network learns the distance from the last value, `predict` returns that distance.
    """

    outputs: Net  # standardised quantiles (N, H, Q), or probabilities (N, H, 1), of any windows
    kind: TargetKind
    scaler: Scaler
    symbol: int

    def predict(self, x_NLF: Floats, known_NHK: Floats) -> Floats:
        """The median forecast, or the probability: (N, H)."""
        return self.to_target_units(self.run(x_NLF, known_NHK))

    def predict_anchored(self, x_NLF: Floats, known_NHK: Floats) -> Floats:
        """The median forecast of an anchored target, from the last value in the last column of `known_NHK`: (N, H)."""
        outputs_NHO = self.run(x_NLF, known_NHK[:, :, :-1].astype(np.float32))
        return self.to_target_units(outputs_NHO, anchor=known_NHK[:, :, -1])

    def run(self, x_NLF: Floats, known_NHK: Floats) -> Floats:
        """The network's outputs for windows of this symbol: (N, H, O)."""
        return self.outputs(x_NLF, known_NHK, np.full(len(x_NLF), self.symbol))

    def to_target_units(self, outputs_NHO: Floats, quantile: int = MEDIAN, anchor: Floats | None = None) -> Floats:
        """One quantile (a position) of the outputs, or the probability, in target units: (N, H).

        `anchor` has the levels, (N, H) or (N, 1), that an anchored forecast starts from.
        """
        if self.kind.binary:
            return outputs_NHO[:, :, 0]
        learned_NH = self.unscale(outputs_NHO[:, :, quantile])
        return self.kind.to_user(learned_NH if anchor is None else learned_NH + anchor)

    def unscale(self, value_NH: Floats) -> Floats:
        """Standardised values in model units."""
        return value_NH * self.scaler.scale_SC[self.symbol] + self.scaler.center_SC[self.symbol]


def build_predictor(net: "Network | Ensemble", prepared: Prepared, symbol: int) -> Predictor:
    """The predictor of a trained network for one symbol (a position)."""
    kind = prepared.kind
    return Predictor(outputs=network(net, kind.binary), kind=kind, scaler=prepared.y_scaler, symbol=symbol)


def with_width(predictor: Predictor, low: int, high: int) -> Predict:
    """The median forecast and, after it, the width between two quantiles (positions): (N, 2H)."""

    def predict(x_NLF: Floats, known_NHK: Floats) -> Floats:
        outputs_NHO = predictor.run(x_NLF, known_NHK)
        low_NH, median_NH, high_NH = (predictor.to_target_units(outputs_NHO, q) for q in (low, MEDIAN, high))
        return np.concatenate([median_NH, high_NH - low_NH], axis=1)

    return predict


def sum_over_steps(predict: Predict) -> Predict:
    """The forecast summed over its steps: (N, 1)."""
    return lambda x_NLF, known_NHK: predict(x_NLF, known_NHK).sum(axis=1, keepdims=True)


def forecast_gradient(net: "Network | Ensemble", predictor: Predictor) -> Gradient:
    """The derivatives of the median forecast, summed over its steps, with respect to its inputs."""
    from core.models.inference import compute_gradient

    def slope(median_NH: Floats) -> Floats:
        """∂ forecast / ∂ standardised median: (N, H)."""
        if predictor.kind.binary:
            return np.ones_like(median_NH)
        scale_C = predictor.scaler.scale_SC[predictor.symbol]
        return predictor.kind.slope(predictor.unscale(median_NH.astype(float))) * scale_C

    return lambda x_NLF, known_NHK: compute_gradient(
        net, x_NLF, known_NHK, MEDIAN, slope, np.full(len(x_NLF), predictor.symbol)
    )
