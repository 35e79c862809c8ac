"""How far back a model remembers: the norm of ∂ forecast / ∂ input by lag.

Axis letters: N windows, L lookback (lag 1, the cutoff row, first), F features, H steps, K known features.
"""

from dataclasses import dataclass

import numpy as np

from core.explain.gradients import Gradient
from core.types import Floats

FADED = 0.01  # of the strongest lag: what is weaker than this counts as forgotten


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """The norm by lag (L,) of the trained model and, by kind, of untrained cells beside it; lag 1 first.

    Units are model units of the forecast, summed over its steps, for one unit of a scaled input. Means over `windows`
    windows and, of the untrained, over `seeds` draws of their weights.
    """

    norm_L: Floats
    untrained: dict[str, Floats]
    windows: int
    seeds: int


def norms(gradient: Gradient, x_NLF: Floats, known_NHK: Floats) -> Floats:
    """Mean over the windows of ‖∂ forecast / ∂ x_lag‖, the Euclidean norm over features: (L,), lag 1 first.

    Where it falls geometrically the gradient vanishes (Hochreiter 1991; Bengio, Simard & Frasconi 1994). Takes at
    least one window.
    """
    slope_NLF, _ = gradient(x_NLF, known_NHK)
    return np.sqrt(np.square(slope_NLF.astype(np.float64)).sum(axis=2)).mean(axis=0)[::-1].copy()


def horizon(norm_L: Floats, share: float = FADED) -> int:
    """The farthest lag whose norm is at least `share` of the strongest one's; 0 where no lag moves the forecast."""
    strong_L = np.flatnonzero((norm_L >= share * norm_L.max()) & (norm_L > 0))
    return int(strong_L[-1]) + 1 if len(strong_L) else 0
