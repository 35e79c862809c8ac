import numpy as np
import pytest

from core.evaluation.stories import small_model


def test_a_straight_line_goes_on_beyond_the_training_range():
    x_ND = np.random.default_rng(0).normal(size=(400, 3))
    weight_DH = np.array([[1.0, 2.0], [0.5, -1.0], [0.0, 3.0]])
    far_MD = np.full((2, 3), 20.0)
    forecast_MH = small_model.forecast(x_ND, 7 + x_ND @ weight_DH, far_MD)
    np.testing.assert_allclose(forecast_MH, 7 + far_MD @ weight_DH, rtol=1e-2)


def test_what_no_line_can_say_is_remembered_from_similar_windows():
    x_ND = np.linspace(-1, 1, 500)[:, None]
    bent_NH = np.abs(x_ND)
    assert np.abs(small_model.forecast(x_ND, bent_NH, x_ND[50:-50]) - bent_NH[50:-50]).max() < 0.02


def test_the_scale_of_an_input_does_not_matter_and_a_constant_one_is_left_out():
    rng = np.random.default_rng(1)
    x_ND, y_NH = rng.normal(size=(200, 2)), rng.normal(size=(200, 1))
    plain = small_model.forecast(x_ND, y_NH, x_ND[:9])
    scaled = small_model.forecast(
        np.column_stack([1000 * x_ND - 5, np.ones(200)]), y_NH, np.column_stack([1000 * x_ND[:9] - 5, np.ones(9)])
    )
    assert scaled == pytest.approx(plain, rel=1e-6)
