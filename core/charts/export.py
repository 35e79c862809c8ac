"""The numbers behind any figure as one long table, and tables as CSV and Parquet, for use in other tools."""

import html
import io
import re
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet evaluates text that starts with one of these


def to_table(figure: go.Figure) -> pd.DataFrame:
    """One row per point: series · x · y, plus value for heat maps and error for error bars.

    Points without a number are omitted. On an axis with named positions, the names replace the positions.
    """
    parts = [_points(figure, trace) for trace in figure.data]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"series": [], "x": [], "y": []})
    return table.dropna(axis="columns", how="all") if len(table) else table


def to_csv(figure: go.Figure) -> str:
    """The table of a figure as CSV."""
    return csv_of(to_table(figure))


def to_parquet(figure: go.Figure) -> bytes:
    """The table of a figure as Parquet."""
    return parquet_of(to_table(figure))


def csv_of(table: pd.DataFrame) -> str:
    """A table as CSV without its index; text that a spreadsheet would evaluate as a formula is quoted."""
    table = table.copy()
    for name in table.columns:
        if not pd.api.types.is_numeric_dtype(table[name]) and not pd.api.types.is_datetime64_any_dtype(table[name]):
            table[name] = pd.Series([_quote_formula(cell) for cell in table[name]], index=table.index, dtype=object)
    return table.to_csv(index=False)


def parquet_of(table: pd.DataFrame) -> bytes:
    """A table as Parquet without its index; a column of numbers and words becomes one of words."""
    table, content = table.infer_objects(), io.BytesIO()
    for name in table.select_dtypes(object):
        if pd.api.types.infer_dtype(table[name], skipna=True) != "string":
            table[name] = table[name].map(str, na_action="ignore")
    table.to_parquet(content, index=False)
    return content.getvalue()


def _points(figure: go.Figure, trace: Any) -> pd.DataFrame:
    x, y = (_axis_values(figure, trace, axis) for axis in ("x", "y"))
    series = _plain_text(trace.name)
    if getattr(trace, "z", None) is not None:
        z_YX = np.asarray(trace.z, dtype=float)
        x_X = x if len(x) else np.arange(z_YX.shape[1])
        y_Y = y if len(y) else np.arange(z_YX.shape[0])
        cells = pd.DataFrame(
            {"series": series, "x": np.tile(x_X, len(y_Y)), "y": np.repeat(y_Y, len(x_X)), "value": z_YX.ravel()}
        )
        return cells.dropna(subset=["value"])
    points = pd.DataFrame({"series": series, "x": pd.Series(x, dtype=object), "y": pd.Series(y, dtype=object)})
    error = _error_bars(trace)
    if error is not None:
        points["error"] = pd.Series(np.asarray(error, dtype=float))
    return points.dropna(subset=["x", "y"])


def _axis_values(figure: go.Figure, trace: Any, axis: str) -> np.ndarray:
    """The coordinates of a trace along one axis; positions are replaced by their names if every one has a name."""
    data = getattr(trace, axis, None)
    values = np.asarray([] if data is None else data)
    layout = figure.layout[(getattr(trace, f"{axis}axis", None) or axis).replace(axis, f"{axis}axis", 1)]
    if layout is None or layout.tickmode != "array" or not layout.ticktext or values.dtype.kind not in "iuf":
        return values
    names = {float(at): _plain_text(name) for at, name in zip(layout.tickvals, layout.ticktext, strict=False)}
    if not set(values.astype(float)) <= set(names):  # ticks at round numbers, not names
        return values
    return np.array([names[float(value)] for value in values], dtype=object)


def _error_bars(trace: Any) -> Any:
    bars = [getattr(trace, name, None) for name in ("error_x", "error_y")]
    return next((bar.array for bar in bars if bar is not None and bar.array is not None), None)


def _plain_text(label: str | None) -> str:
    """A chart label without its markup."""
    return html.unescape(re.sub(r"<[^>]*>", " ", label or "")).strip()


def _quote_formula(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
