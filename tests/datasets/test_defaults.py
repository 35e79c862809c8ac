"""What a recipe leaves to the data: calendar terms that the rows can show, and the level handling of a target."""

import numpy as np
import pandas as pd
import pytest

from core.data import frame as frames
from core.datasets import windows
from core.datasets.defaults import fourier_terms
from core.errors import SpecError
from core.spec import Spec, with_values


def terms(cycle: str, harmonics: int = 2) -> tuple[str, ...]:
    return tuple(f"{cycle}_{wave}:{k}" for k in range(1, harmonics + 1) for wave in ("sin", "cos"))


@pytest.mark.parametrize(
    ("frequency", "rows", "expected"),
    [
        ("YS", 200, ()),
        ("QS", 40, terms("year", 1)),  # the second harmonic of four quarters is a constant and an alternation
        ("MS", 24, terms("year")),
        ("MS", 22, ()),  # not two years
        ("W-SAT", 200, terms("year")),
        ("D", 100, terms("week")),
        ("D", 800, terms("week") + terms("year")),
        ("B", 600, terms("week") + terms("year")),
        ("h", 24 * 10, terms("day")),
        ("h", 24 * 30, terms("day") + terms("week")),
        ("6h", 4 * 30, terms("day", 1) + terms("week")),
        ("5min", 12 * 24 * 20, terms("day") + terms("week")),
    ],
)
def test_terms_are_those_that_the_rows_resolve_and_hold_twice(frequency, rows, expected):
    assert fourier_terms(pd.date_range("2001-01-01", periods=rows, freq=frequency)) == expected


def test_centuries_are_not_too_long():
    index = pd.date_range("1700-01-01", periods=12 * 309, freq="MS")
    assert fourier_terms(index) == terms("year")


def test_terms_of_one_harmonic_are_orthogonal_over_whole_cycles():
    """By the discrete Fourier transform: on regular rows every term is one line of the spectrum."""
    from core.features import compute

    index = pd.date_range("2001-01-01", periods=24 * 14, freq="h")
    table = pd.DataFrame({"x": np.arange(len(index), dtype=float)}, index=index)
    values = compute(table, (*terms("day"), *terms("week")), "x", index[:0])
    spectrum = np.abs(np.fft.rfft(values.to_numpy(), axis=0)) / (len(index) / 2)
    for name, line in zip(values, spectrum.T, strict=True):
        cycles = 14 if name.startswith("day") else 2
        assert np.flatnonzero(line > 1e-6).tolist() == [cycles * int(name[-1])]
        assert line.max() == pytest.approx(1.0)


def monthly(column: str, rows: int = 400, **others: float) -> pd.DataFrame:
    index = pd.date_range("1990-01-01", periods=rows, freq="MS", name="time")
    values = 10 + np.sin(np.arange(rows) / 6) + np.random.default_rng(0).normal(size=rows)
    extra = {name: np.cos(np.arange(rows) * rate) + 3 for name, rate in others.items()}
    return frames.build({"A": pd.DataFrame({column: values} | extra, index=index)})


def resolved(frame: pd.DataFrame, **values: object) -> Spec:
    recipe = {"data.symbols": ["A"]} | {name.replace("__", "."): value for name, value in values.items()}
    return windows.resolve(with_values(Spec(), recipe), frame)


def test_a_level_that_is_no_price_gets_change_calendar_and_reversible_normalisation():
    spec = resolved(monthly("sales", price=0.1), target__kind="column", target__column="sales")
    assert spec.features == ("column:sales", "column:price", "change:sales", *terms("year"))
    assert spec.model.norm == "reversible"
    assert windows.resolve(spec, monthly("sales", price=0.1)) == spec


@pytest.mark.parametrize("kind", ["close", "mean_close", "log_return", "direction", "volatility", "max_drawdown"])
def test_prices_keep_their_inputs_and_the_users_columns_join_them(kind):
    alone, joined = (resolved(frame, target__kind=kind) for frame in (monthly("close"), monthly("close", mood=0.3)))
    assert alone.model.norm == joined.model.norm == "last"
    assert not any(name.endswith((":1", ":2")) for name in alone.features)
    assert joined.features == (*alone.features, "change:mood", "column:mood|zscore:60")


@pytest.mark.parametrize(
    "values",
    [
        {"model__norm": "last"},
        {"features": ["change:sales"]},  # without its own values in the window there is no spread to scale by
        {"window__min_length": 20},
        {"model__kind": "segment"},  # which measures levels from the last one
        {"target__kind": "volatility"},
    ],
)
def test_level_handling_stays_last_where_reversible_does_not_fit_or_is_not_wanted(values):
    spec = resolved(monthly("sales"), **{"target__kind": "column", "target__column": "sales"} | values)
    assert spec.model.norm == "last"


def test_only_the_training_rows_say_which_seasons_there_are():
    frame = monthly("sales", rows=100)
    recipe = {"target__kind": "column", "target__column": "sales", "split__val": 20, "split__calib": 20}
    few = resolved(frame, **recipe, split__train=20, split__test=40)
    enough = resolved(frame, **recipe, split__train=30, split__test=30)
    assert not few.features[2:] and enough.features[2:] == terms("year")


def test_splits_that_do_not_fit_are_refused_as_later():
    with pytest.raises(SpecError, match="splits need"):
        resolved(monthly("sales", rows=50), target__kind="column", target__column="sales", split__train=60)


@pytest.mark.parametrize(
    ("freq", "rows", "expected"),
    [("MS", 600, 24), ("W-SAT", 2284, 104), ("h", 4000, 48), ("YS", 309, 24), ("D", 1500, 24), ("5min", 4000, 60)],
)
def test_a_window_from_the_data_holds_two_seasons(freq, rows, expected):
    index = pd.date_range("1700-01-01", periods=rows, freq=freq, name="time")
    frame = frames.build({"A": pd.DataFrame({"x": np.random.default_rng(0).normal(size=rows)}, index=index)})
    target = {"data.symbols": ["A"], "target.kind": "column", "target.column": "x"}
    free = with_values(Spec(), target)
    assert windows.resolve(free, frame).window.lookback == expected
    assert windows.resolve(windows.resolve(free, frame), frame) == windows.resolve(free, frame)
    for length in (60, 33):  # of recipes of earlier versions, or chosen by hand
        assert windows.resolve(with_values(free, {"window.lookback": length}), frame).window.lookback == length
    short = with_values(free, {"window.min_length": 200, "model.norm": "last"})
    assert windows.resolve(short, frame).window.min_length == expected


@pytest.mark.parametrize("kind", ["close", "log_return", "direction", "volatility"])
def test_windows_of_prices_have_sixty_rows(kind):
    assert resolved(monthly("close", rows=600), target__kind=kind, window__lookback=0).window.lookback == 60
