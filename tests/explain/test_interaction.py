"""A planted interaction is found, also next to a near duplicate of the feature and a feature without values."""

import numpy as np
import pytest

from core.explain import interaction


def planted(count=200, seed=0):
    """Contributions a + a · b / 2; c is close to a, d is noise, e is constant, g has no values."""
    rng = np.random.default_rng(seed)
    a, b, noise, d = rng.normal(size=(4, count))
    data_NF = np.column_stack([a, b, a + 0.3 * noise, d, np.ones(count), np.full(count, np.nan)])
    return data_NF, a + 0.5 * a * b


@pytest.mark.parametrize("seed", range(5))
def test_the_interacting_feature_ranks_first_and_the_near_duplicate_does_not(seed):
    data_NF, contribution_N = planted(seed=seed)
    strength_F = interaction.strengths(data_NF, contribution_N, 0)
    assert int(np.nanargmax(strength_F)) == 1 and strength_F[1] > 0.8
    assert strength_F[[2, 3]].max() < 0.45
    assert np.isnan(strength_F[[0, 5]]).all() and strength_F[4] == 0


def test_the_strength_without_an_interaction_is_that_of_chance():
    rng = np.random.default_rng(0)
    strengths = [interaction.strength(*rng.normal(size=(3, 100))) for _ in range(200)]
    assert np.mean(strengths) == pytest.approx(interaction.chance_strength(100), rel=0.05)


def test_missing_values_and_few_windows():
    data_NF, contribution_N = planted()
    data_NF[::3, 1] = np.nan
    assert interaction.strength(data_NF[:, 0], contribution_N, data_NF[:, 1]) > 0.8
    assert np.isnan(interaction.strength(data_NF[:7, 0], contribution_N[:7], data_NF[:7, 3]))
    assert interaction.strength(np.ones(20), np.zeros(20), data_NF[:20, 0]) == 0
