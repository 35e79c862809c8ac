"""The long-run variance of a mean of dependent values: equal-weighted cosine projections, and how many to take.

Axis letters: N values in time order, J frequencies, B cosines, G spectra of a grid.
"""

from functools import lru_cache

import numpy as np

from core.types import Floats, Ints, Times

MOST_FREQUENCIES = 1000  # looked at; with half as many cosines Student's t is the normal distribution
NOISE = 0.25  # prior probability that the values have no memory
CAUTION = 0.5  # share of the number of cosines that weighs size and power as the paper does: size counts for more here
MEMORY_G, SHARE_G = (
    values.ravel() for values in np.meshgrid(1 - np.geomspace(0.01, 1, 20)[:-1], np.geomspace(0.02, 1, 10))
)


def project(value_N: Floats) -> Floats:
    """Projections of the values on cosines of ½, 1, 1½ … periods: (J,). Each has mean 0 and, as far as the spectrum is
    flat at its frequency, the long-run variance; so their mean square estimates that of √N · the mean of the values.

    Müller (2007); the orthonormal discrete cosine transform of type II without its constant.
    """
    from scipy.fft import dct

    return np.asarray(dct(value_N, type=2, norm="ortho")[1 : _frequencies(len(value_N)) + 1])


def count_cosines(projection_J: Floats, size: int, overlap: int) -> int:
    """How many cosines B to average for the mean of `size` values, each of which shares outcomes with `overlap` − 1
    later ones: at least 2 and at most size / 4 and size / `overlap`.

    Lazarus, Lewis, Stock & Watson (2018) take 0.4 · N^⅔, which weighs size and power best for values with a memory of
    .7 a step; for a memory ρ the same rule is (N (1 − ρ) / √(2ρ))^⅔, the spectrum's curvature at frequency zero to the
    power of −⅓ times N^⅔. Here the values are an AR(1) process plus noise, as the loss differences of persistent
    forecasts of a noisy target are. The memory and the share of the process are those of a grid, by their Whittle
    likelihood; B is half of the rule's mean. A memory is found too short by about (1 + 3ρ) / N (Kendall 1954).
    """
    inverse_JG, log_determinant_G, rule_G = _grid(size)
    count = len(projection_J)
    power_J = projection_J**2
    log_weight_G = log_determinant_G - count / 2 * np.log(np.maximum(power_J @ inverse_JG / count, 1e-300))
    log_weight_G[0] += np.log(NOISE / (1 - NOISE) * (len(rule_G) - 1))
    weight_G = np.exp(log_weight_G - log_weight_G.max())
    most = max(2, min(count // 2, size // max(1, overlap)))
    return max(2, int(weight_G @ np.clip(CAUTION * rule_G, 2, most) / weight_G.sum()))


def count_overlap(cutoff_N: Times, symbol_N: Ints, steps: int) -> int:
    """How many cutoffs in a row can share outcomes, if labels reach `steps` of their own symbol's cutoffs ahead.

    `cutoff_N` and `symbol_N` name each forecast. Cutoffs of all symbols are counted: more than `steps` lie within a
    label of a symbol that pauses while others go on, as shares do at weekends and crypto currencies do not.
    """
    at_N = np.unique(cutoff_N, return_inverse=True)[1]
    reach = steps
    for symbol in np.unique(symbol_N):
        own_n = np.sort(at_N[symbol_N == symbol])
        reach = max(reach, int((own_n[steps:] - own_n[:-steps]).max(initial=0)))
    return reach


def _frequencies(size: int) -> int:
    return min(size // 2, MOST_FREQUENCIES)


@lru_cache(maxsize=8)
def _grid(size: int) -> tuple[Floats, Floats, Floats]:
    """Inverse spectra (J, G), minus half of their log-determinants (G,), and the rule's number of cosines (G,); the
    first spectrum is that of noise."""
    cosine_J = np.cos(np.pi * np.arange(1, _frequencies(size) + 1) / size)[:, None]
    process_JG = (1 - MEMORY_G**2) / (1 + MEMORY_G**2 - 2 * MEMORY_G * cosine_J)
    spectrum_JG = np.insert(1 - SHARE_G + SHARE_G * process_JG, 0, 1.0, axis=1)
    memory_G = np.minimum(MEMORY_G + (1 + 3 * MEMORY_G) / size, 0.999)
    curvature_G = 2 * SHARE_G * memory_G * (1 + memory_G) / (1 - memory_G) ** 3
    curvature_G /= 1 - SHARE_G + SHARE_G * (1 + memory_G) / (1 - memory_G)
    return 1 / spectrum_JG, -np.log(spectrum_JG).sum(axis=0) / 2, np.append(np.inf, (size**2 / curvature_G) ** (1 / 3))
