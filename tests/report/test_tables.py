"""The tables that a person takes along, as CSV and Parquet."""

import io

import numpy as np
import pandas as pd
import pytest

from core.charts import export
from core.report.tables import TABLES
from core.types import Run


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_the_same_in_both_formats(finished: Run, name: str) -> None:
    table = TABLES[name][1](finished)
    from_csv = pd.read_csv(io.StringIO(export.csv_of(table)))
    from_parquet = pd.read_parquet(io.BytesIO(export.parquet_of(table)))
    assert len(from_csv) == len(from_parquet) == len(table) > 0
    assert [*from_csv.columns] == [*from_parquet.columns] == [*table.columns]
    for column in table.select_dtypes(float):
        np.testing.assert_allclose(from_csv[column], table[column], rtol=1e-12)
        np.testing.assert_array_equal(from_parquet[column], table[column])


def test_the_numbers_are_those_of_the_run(finished: Run) -> None:
    scores, importances, series = (TABLES[name][1](finished) for name in ("scores", "importances", "series"))
    assert scores.set_index("model").loc["lstm", "rmse"] == finished.evaluation.scores["lstm"]["rmse"]
    assert finished.explanation is not None
    assert dict(zip(importances["feature"], importances["importance"], strict=True)) == finished.explanation.importance
    assert series["close"].tolist() == finished.frame["A", "close"].tolist() and set(series["symbol"]) == {"A"}
