"""Fixtures of the explanation tests: shap without compilation, and runs on series with a known driver."""

import warnings

import numpy as np
import pytest

RANDOM_WALK = {"target__kind": "log_return", "target__horizon": 1, "train__learning_rate": 2e-2}


@pytest.fixture(scope="session")
def shap():
    """shap with its numba functions left as plain Python: compiling them takes 14 s and tiny tests gain nothing."""
    from numba import config

    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        patch.setattr(config, "DISABLE_JIT", True)
        warnings.simplefilter("ignore")  # importing shap may warn about its own dependencies
        import shap
    return shap


@pytest.fixture(scope="session")
def planted(bars, recipe, train_run):
    """A run whose next return is nine tenths of the signal; the other columns are noise and a constant."""
    rng = np.random.default_rng(1)
    signal_T, noise_T = rng.normal(size=(2, 500))
    return_T = 0.01 * np.concatenate([[0.0], 0.9 * signal_T[:-1] + 0.3 * rng.normal(size=499)])
    table = bars(500, return_T=return_T).assign(signal=signal_T, noise=noise_T, still=1.0)
    features = ["column:noise", "column:signal", "column:still"]
    return train_run(recipe(**RANDOM_WALK, train__epochs=12, features=features), A=table)


@pytest.fixture(scope="session")
def single_feature(bars, recipe, train_run):
    """A run with one feature, which no other can replace."""
    return train_run(recipe(**RANDOM_WALK, train__epochs=1, features=["return"]), A=bars(400))
