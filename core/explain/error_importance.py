"""Importance by error: how much a trained model's error rises when a feature is removed, without retraining.

Axis letters: N windows, L lookback, H steps, F features, K known features, P players.
"""

from collections.abc import Callable, Generator

import numpy as np

from core.events import Progress
from core.explain.game import Player
from core.types import Floats

# Maps x (N, L, F) and known (N, H, K) to the error of the forecasts of these windows. Valid only during the call.
Loss = Callable[[Floats, Floats], float]


def permutation_importance(
    loss: Loss, x_NLF: Floats, known_NHK: Floats, players: tuple[Player, ...], seed: int, repeats: int = 5
) -> Generator[Progress, None, Floats]:
    """The relative rise of the error when a player's columns come from another window, a mean over `repeats` random
    orders of the windows: (P,). Breiman 2001; Fisher, Rudin & Dominici 2019.

    Whole windows are exchanged, so the course of a feature within its window is preserved. A feature that the model
    does not use scores exactly zero, however informative it is: of two redundant features, the unused one looks
    worthless.
    """
    error, rng = loss(x_NLF, known_NHK), np.random.default_rng(seed)
    order_RN = np.stack([rng.permutation(len(x_NLF)) for _ in range(repeats)])
    rises = []
    for done, player in enumerate(players, start=1):
        errors = [
            _loss_with(loss, x_NLF, known_NHK, player, x_NLF[order_N], known_NHK[order_N]) for order_N in order_RN
        ]
        rises.append(np.mean([relative_rise(permuted, error) for permuted in errors]))
        yield Progress(done=done, total=len(players))
    return np.array(rises, dtype=float)


def mean_ablation(
    loss: Loss, x_NLF: Floats, known_NHK: Floats, players: tuple[Player, ...], mean_F: Floats, mean_K: Floats
) -> Generator[Progress, None, Floats]:
    """The relative rise of the error when a player's columns are replaced by their means: (P,)."""
    error, rises = loss(x_NLF, known_NHK), []
    for done, player in enumerate(players, start=1):
        rises.append(relative_rise(_loss_with(loss, x_NLF, known_NHK, player, mean_F, mean_K), error))
        yield Progress(done=done, total=len(players))
    return np.array(rises, dtype=float)


def mean_ablation_by_lag(
    loss: Loss, x_NLF: Floats, known_NHK: Floats, mean_F: Floats
) -> Generator[Progress, None, Floats]:
    """The relative rise of the error when one row of every window is replaced by the means; (L,), lag 1 (the cutoff
    row) first."""
    error, lookback, rises = loss(x_NLF, known_NHK), x_NLF.shape[1], []
    for lag in range(1, lookback + 1):
        x = x_NLF.copy()
        x[:, -lag] = mean_F
        rises.append(relative_rise(loss(x, known_NHK), error))
        yield Progress(done=lag, total=lookback)
    return np.array(rises, dtype=float)


def relative_rise(error_without: float, error: float) -> float:
    """The rise of an error as a share of it; the new error itself if the old one is zero."""
    return error_without / error - 1 if error > 0 else error_without


def _loss_with(loss: Loss, x_NLF: Floats, known_NHK: Floats, player: Player, other_F: Floats, other_K: Floats) -> float:
    """The loss when a player's columns are replaced by those of `other_F` (…, F) and `other_K` (…, K)."""
    x, known, past, ahead = x_NLF.copy(), known_NHK.copy(), list(player.past), list(player.known)
    x[:, :, past], known[:, :, ahead] = other_F[..., past], other_K[..., ahead]
    return loss(x, known)
