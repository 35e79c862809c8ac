"""How much the error rises when a feature is taken away from a model that is not trained again.

Axis letters: N windows, L lookback, H steps, F features, K known features, P players.
"""

from collections.abc import Callable, Generator

import numpy as np

from core.events import Progress
from core.explain.shapley import Player
from core.types import Floats, Ints

# x (N, L, F) and known (N, H, K) to the error of the forecasts of these windows. Inputs are lent for the call alone.
Loss = Callable[[Floats, Floats], float]


def permuted(
    loss: Loss, x_NLF: Floats, known_NHK: Floats, players: tuple[Player, ...], seed: int, repeats: int = 5
) -> Generator[Progress, None, Floats]:
    """Loss-permutation: the rise of the error when a player's columns come from another window; (P,).

    Whole windows change places, so what a feature does within a window stays as it was. The mean over `repeats` orders
    (Breiman 2001; Fisher, Rudin & Dominici 2019). A feature that the model does not use gets exactly zero, however much
    it knows: of two that say the same, the one left unused looks worthless.
    """
    whole, rng = loss(x_NLF, known_NHK), np.random.default_rng(seed)
    order_RN = np.stack([rng.permutation(len(x_NLF)) for _ in range(repeats)])
    found = []
    for done, player in enumerate(players, start=1):
        found.append(np.mean([rise(_with(loss, x_NLF, known_NHK, player, order_N), whole) for order_N in order_RN]))
        yield Progress(done=done, total=len(players))
    return np.array(found, dtype=float)


def replaced(
    loss: Loss, x_NLF: Floats, known_NHK: Floats, players: tuple[Player, ...], mean_F: Floats, mean_K: Floats
) -> Generator[Progress, None, Floats]:
    """Ablation without retraining: the rise of the error when the mean stands in a player's columns; (P,)."""
    whole, found = loss(x_NLF, known_NHK), []
    for done, player in enumerate(players, start=1):
        x, known, past, ahead = x_NLF.copy(), known_NHK.copy(), list(player.past), list(player.known)
        x[:, :, past], known[:, :, ahead] = mean_F[past], mean_K[ahead]
        found.append(rise(loss(x, known), whole))
        yield Progress(done=done, total=len(players))
    return np.array(found, dtype=float)


def replaced_by_lag(loss: Loss, x_NLF: Floats, known_NHK: Floats, mean_F: Floats) -> Generator[Progress, None, Floats]:
    """The rise of the error when the mean stands in one row of every window; (L,), lag 1 (the cutoff row) first."""
    whole, lookback, found = loss(x_NLF, known_NHK), x_NLF.shape[1], []
    for lag in range(1, lookback + 1):
        x = x_NLF.copy()
        x[:, -lag] = mean_F
        found.append(rise(loss(x, known_NHK), whole))
        yield Progress(done=lag, total=lookback)
    return np.array(found, dtype=float)


def rise(without: float, whole: float) -> float:
    """The rise of an error as a share of it; the error itself where there was none before."""
    return without / whole - 1 if whole > 0 else without


def _with(loss: Loss, x_NLF: Floats, known_NHK: Floats, player: Player, order_N: Ints) -> float:
    x, known, past, ahead = x_NLF.copy(), known_NHK.copy(), list(player.past), list(player.known)
    x[:, :, past] = x_NLF[order_N][:, :, past]
    known[:, :, ahead] = known_NHK[order_N][:, :, ahead]
    return loss(x, known)
