"""The shap package, imported once and without compiling."""

import warnings

import pytest


@pytest.fixture(scope="session")
def shap():
    """shap with its numba functions left as plain Python: compiling them takes 14 s and tiny tests gain nothing."""
    from numba import config

    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        patch.setattr(config, "DISABLE_JIT", True)
        warnings.simplefilter("ignore")  # importing shap may warn of its own dependencies
        import shap
    return shap
