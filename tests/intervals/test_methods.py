"""Every way to draw a band: what it holds, what it may know, and worked values."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from core.intervals import methods
from core.intervals.methods import METHODS, Past
from core.spec import BANDS, QUANTILES

WIDE = (0.95, 0.9, 0.8, 0.5)
NORMAL_Q = stats.norm.ppf(QUANTILES)


def past(
    count: int = 600, steps: int = 1, asked: int = 300, seed: int = 0, delay: int | None = None, swing: float = 1.0
) -> Past:
    """Random walks whose spread changes slowly, forecast by zero with quantiles of half the true width."""
    rng = np.random.default_rng(seed)
    scale_N1 = np.exp(swing * np.sin(np.arange(count) / 60))[:, None]
    y_NH = (scale_N1 * rng.normal(size=(count, steps))).cumsum(axis=1)
    spread_NH = scale_N1 * np.sqrt(np.arange(1, steps + 1))
    row = np.arange(count)
    return Past(
        y_NH=y_NH,
        made_NHQ=0.5 * spread_NH[:, :, None] * NORMAL_Q,
        row_N=row,
        known_N=row + (delay or steps),
        asked=asked,
        scale_NH=spread_NH,
        dof=8.0,
    )


def held(made: Past, band: np.ndarray) -> np.ndarray:
    y_MH = made.y_NH[-made.asked :]
    return (band[0] <= y_MH) & (y_MH <= band[1])


def test_every_choice_of_the_recipe_is_drawn() -> None:
    assert (*METHODS,) == BANDS


@pytest.mark.parametrize("method", BANDS)
@pytest.mark.parametrize(("steps", "joint"), [(1, False), (3, False), (3, True)])
def test_what_is_known_later_moves_no_earlier_band(method: str, steps: int, joint: bool) -> None:
    if joint and method not in ("auto", "cqr", "split", "garch_conformal"):
        joint = False
    made = past(120, steps, 60)
    at = 90
    changed = made.y_NH.copy()
    changed[made.known_N > at] *= 20  # all that a forecast from row 90 cannot know
    before, after = (methods.bands(p, method, WIDE, 50, joint) for p in (made, replace(made, y_NH=changed)))
    here = made.at_M <= at
    np.testing.assert_array_equal(before[:, :, here], after[:, :, here])
    if method not in ("gaussian", "garch", "split"):  # these never heed, or no more
        assert not np.array_equal(before[:, :, ~here], after[:, :, ~here])


@pytest.mark.parametrize("method", ["auto", "cqr", "split", "historical", "garch", "garch_conformal"])
def test_four_bands_hold_about_their_shares(method: str) -> None:
    # One width for good holds its share only where nothing changes.
    made = replace(past(3000, asked=2500, seed=3, swing=0.0 if method == "split" else 1.0), dof=1e6)
    for band, nominal in zip(methods.bands(made, method, WIDE, 500), WIDE, strict=True):
        assert held(made, band).mean() == pytest.approx(nominal, abs=0.035), nominal


def test_split_is_one_width_for_good() -> None:
    made = past(40, asked=30, delay=1)
    (band,) = methods.bands(made, "split", (0.8,), 500)
    first = np.sort(np.abs(made.y_NH[:10, 0] - made.median_NH[:10, 0]))  # known at row 10
    np.testing.assert_allclose((band[1] - band[0])[:, 0], 2 * first[8])  # the ⌈11 · .8⌉ = 9th


def test_a_gaussian_band_is_the_models_own() -> None:
    made = past()
    bands = methods.bands(made, "gaussian", (0.95, 0.8), 500)
    mean, deviation = made.median_NH[-300:], 0.5 * made.scale[-300:]
    np.testing.assert_allclose(bands[0, 1], mean + 1.959964 * deviation, rtol=1e-6)
    np.testing.assert_allclose(bands[1, 0], made.made_NHQ[-300:, :, 1])  # its own 10 % quantile


def test_a_garch_band_is_students() -> None:
    # Student's t with 8 degrees of freedom has its 95 % quantile at 1.859548 (any table) and a variance of 8/6.
    made = past()
    (band,) = methods.bands(made, "garch", (0.9,), 500)
    expected = made.median_NH[-300:] + 1.859548 / np.sqrt(8 / 6) * made.scale[-300:]
    np.testing.assert_allclose(band[1], expected, rtol=1e-6)
    assert methods.student(0.95, float("inf")) == pytest.approx(1.959964)


def test_adaptive_inference_is_for_one_session_ahead() -> None:
    one, five = past(), past(delay=5)
    assert not np.array_equal(methods.bands(one, "auto", (0.9,), 500), methods.bands(one, "cqr", (0.9,), 500))
    np.testing.assert_array_equal(methods.bands(five, "auto", (0.9,), 500), methods.bands(five, "cqr", (0.9,), 500))


@pytest.mark.parametrize("method", ["auto", "split", "garch_conformal"])
def test_joint_bands_hold_whole_paths_and_pointwise_ones_do_not(method: str) -> None:
    made = past(3000, steps=10, asked=2400, seed=5, swing=0.0 if method == "split" else 1.0)
    (joint,), (each,) = (methods.bands(made, method, (0.9,), 500, j) for j in (True, False))
    assert held(made, joint).all(axis=1).mean() == pytest.approx(0.9, abs=0.04)
    assert held(made, each).all(axis=1).mean() < 0.8
    assert held(made, each).mean() == pytest.approx(0.9, abs=0.04)
    assert (joint[1] - joint[0]).mean() > 1.2 * (each[1] - each[0]).mean()


def test_a_point_forecast_has_joint_bands_too() -> None:
    made = past(1000, steps=4, asked=500, swing=0.0)
    bare = replace(made, made_NHQ=np.zeros_like(made.made_NHQ))
    (band,) = methods.bands(bare, "auto", (0.9,), 500, True)
    assert held(bare, band).all(axis=1).mean() == pytest.approx(0.9, abs=0.06)
    width_H = (band[1] - band[0])[-1]
    assert (np.diff(width_H) > 0).all()  # in the proportions of past errors


def test_without_any_known_outcome_a_band_is_the_models_own() -> None:
    made = replace(past(1, asked=1), y_NH=np.array([[np.nan]]))
    (band,) = methods.bands(made, "auto", (0.9,), 500)
    np.testing.assert_allclose(band[:, 0, 0], made.made_NHQ[0, 0, [0, 6]])
    for method in ("split", "historical"):
        assert np.isfinite(methods.bands(made, method, (0.9,), 500)).all()
