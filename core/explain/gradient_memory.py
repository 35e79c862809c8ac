"""How far back a model remembers, by the norm of ∂ forecast / ∂ input at each lag.

Axis letters: N windows, L lookback (lag 1, the cutoff row, first), F features, H steps, K known features.
"""

from dataclasses import dataclass

import numpy as np

from core.explain.gradients import Gradient
from core.types import Floats

FORGOTTEN_SHARE = 0.01  # of the strongest lag's norm: a weaker lag counts as forgotten


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """The gradient norm by lag, (L,), of the trained model and, by kind, of untrained cells; lag 1 first.

    Units are model units of the forecast, summed over its steps, per unit of a scaled input. Means over `windows`
    windows and, for the untrained cells, over `seeds` draws of their weights.
    """

    norm_L: Floats
    untrained: dict[str, Floats]
    windows: int
    seeds: int


def gradient_norms(gradient: Gradient, x_NLF: Floats, known_NHK: Floats) -> Floats:
    """Mean over the windows of ‖∂ forecast / ∂ x_lag‖, the Euclidean norm over features: (L,), lag 1 first.

    A geometric decay is a vanishing gradient (Hochreiter 1991; Bengio, Simard & Frasconi 1994). Needs at least one
    window.
    """
    slope_NLF, _ = gradient(x_NLF, known_NHK)
    return np.sqrt(np.square(slope_NLF.astype(np.float64)).sum(axis=2)).mean(axis=0)[::-1].copy()


def memory_length(norm_L: Floats, share: float = FORGOTTEN_SHARE) -> int:
    """The farthest lag whose norm is at least `share` of the strongest lag's; 0 if no lag moves the forecast."""
    strong_L = np.flatnonzero((norm_L >= share * norm_L.max()) & (norm_L > 0))
    return int(strong_L[-1]) + 1 if len(strong_L) else 0
