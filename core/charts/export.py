"""The numbers behind any figure as one long table, for people who want to go on with them elsewhere."""

import html
import re
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a text that begins so


def table(figure: go.Figure) -> pd.DataFrame:
    """One row for each point: series · x · y, and where there are some value (of a heat map) and error (of a bar).

    Points without a number are left out. Positions on an axis with names of its own are given as these names.
    """
    parts = [_points(figure, trace) for trace in figure.data]
    whole = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"series": [], "x": [], "y": []})
    return whole.dropna(axis="columns", how="all") if len(whole) else whole


def csv(figure: go.Figure) -> str:
    """The table as CSV; no cell of it is taken for a formula by a spreadsheet."""
    made = table(figure)
    for name in made.columns:
        if not pd.api.types.is_numeric_dtype(made[name]):
            made[name] = pd.Series([_harmless(cell) for cell in made[name]], index=made.index, dtype=object)
    return made.to_csv(index=False)


def _points(figure: go.Figure, trace: Any) -> pd.DataFrame:
    across, down = (_named(figure, trace, axis) for axis in ("x", "y"))
    series = _text(trace.name)
    if getattr(trace, "z", None) is not None:
        z_YX = np.asarray(trace.z, dtype=float)
        x_X = across if len(across) else np.arange(z_YX.shape[1])
        y_Y = down if len(down) else np.arange(z_YX.shape[0])
        made = pd.DataFrame(
            {"series": series, "x": np.tile(x_X, len(y_Y)), "y": np.repeat(y_Y, len(x_X)), "value": z_YX.ravel()}
        )
        return made.dropna(subset=["value"])
    error = _error(trace)
    made = pd.DataFrame({"series": series, "x": pd.Series(across, dtype=object), "y": pd.Series(down, dtype=object)})
    if error is not None:
        made["error"] = pd.Series(np.asarray(error, dtype=float))
    return made.dropna(subset=["x", "y"])


def _named(figure: go.Figure, trace: Any, axis: str) -> np.ndarray:
    """What the trace has on this axis; positions as the names that stand there."""
    found = getattr(trace, axis, None)
    values = np.asarray([] if found is None else found)
    layout = figure.layout[(getattr(trace, f"{axis}axis", None) or axis).replace(axis, f"{axis}axis", 1)]
    if layout is None or layout.tickmode != "array" or not layout.ticktext or values.dtype.kind not in "iuf":
        return values
    names = {float(at): _text(name) for at, name in zip(layout.tickvals, layout.ticktext, strict=False)}
    if not set(values.astype(float)) <= set(names):  # ticks at round numbers, not names
        return values
    return np.array([names[float(value)] for value in values], dtype=object)


def _error(trace: Any) -> Any:
    bars = [getattr(trace, name, None) for name in ("error_x", "error_y")]
    return next((bar.array for bar in bars if bar is not None and bar.array is not None), None)


def _text(shown: str | None) -> str:
    """A label of a chart without its mark-up."""
    return html.unescape(re.sub(r"<[^>]*>", " ", shown or "")).strip()


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
