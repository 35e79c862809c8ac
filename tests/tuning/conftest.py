"""A search that takes a second: a short series, a small network and few steps."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from core.data import frame as frames
from core.spec import Spec
from core.tuning import search, space
from core.tuning.study import Study
from tests.conftest import market, small

OVER = "train.learning_rate,model.hidden=2..8"


def tiny(**values: Any) -> Spec:
    """A recipe that trains in a tenth of a second."""
    return small(**({"train__epochs": 1, "model__hidden": 4} | values))


@pytest.fixture(scope="session")
def series() -> pd.DataFrame:
    return frames.build({"A": market(300)})


@pytest.fixture
def begin(series: pd.DataFrame, tmp_path: Path) -> Callable[..., Study]:
    """A new study of the tiny recipe in the folder of the test."""

    def start(over: str = OVER, spec: Spec | None = None, **settings: Any) -> Study:
        return search.create(spec or tiny(), series, space.parse_space(over), tmp_path, **({"trials": 3} | settings))

    return start
