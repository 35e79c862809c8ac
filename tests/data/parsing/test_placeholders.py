"""Numbers such as -999 that stand for no value, and the zeros of suspended shares, are found, named and cleared."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data.parsing import placeholders
from core.data.parsing.schema import FileSchema
from core.data.sources.files import read

RNG = np.random.default_rng(0)
DAYS = pd.date_range("2023-01-01", periods=300)
TEMPERATURE = np.round(10 + 8 * np.sin(np.arange(300) / 20) + RNG.normal(0, 2, 300), 1)  # -2 to 22
LEVEL = np.round(100 * np.exp(np.cumsum(RNG.normal(0, 0.01, 300))), 2)


def with_marks(values: np.ndarray, mark: float, count: int) -> np.ndarray:
    marked = values.copy()
    marked[RNG.choice(np.arange(5, 295), count, replace=False)] = mark
    return marked


def text(**columns: np.ndarray) -> bytes:
    rows = zip(DAYS, *columns.values(), strict=False)
    lines = (f"{day:%Y-%m-%d},{','.join(str(float(value)) for value in values)}\n" for day, *values in rows)
    return f"date,{','.join(columns)}\n{''.join(lines)}".encode()


@pytest.mark.parametrize(
    ("mark", "count"), [(-999, 12), (-9999, 2), (9999, 5), (-99.9, 7), (-200, 9), (-999, 1), (1e20, 1), (-32768, 3)]
)
def test_a_value_far_outside_is_missing_and_a_note_says_so(mark: float, count: int) -> None:
    marked = with_marks(TEMPERATURE, mark, count)
    tables, schema = read(text(t2m=marked, other=LEVEL), "x.csv")
    np.testing.assert_array_equal(tables["X"]["t2m"], np.where(marked == mark, np.nan, marked))
    np.testing.assert_array_equal(tables["X"]["other"], LEVEL)
    times = "1 time" if count == 1 else f"{count} times"
    assert schema.missing == (mark,)
    assert any(note.startswith(f"Check 't2m': {mark:.15g} occurs {times} and lies far") for note in schema.notes)


@pytest.mark.parametrize(
    "values",
    [
        np.where(np.arange(300) % 7 == 0, 99.0, 60 + np.arange(300) % 40),  # within the range of the rest
        np.where(np.arange(300) % 7 == 0, 0.0, LEVEL),  # closed days
        np.where(np.arange(300) % 50 == 0, -5.0, np.arange(300)),  # losses
        np.where(np.arange(300) % 2 == 0, 9999.0, 0.0),  # two states
        TEMPERATURE - 50.5,
        LEVEL * 12.3,  # through 999
    ],
)
def test_ordinary_values_stay(values: np.ndarray) -> None:
    tables, schema = read(text(v=values, w=LEVEL), "x.csv")
    np.testing.assert_allclose(tables["X"]["v"], values)
    assert schema.missing is None and not any("missing" in note for note in schema.notes)


def test_a_person_says_what_is_missing() -> None:
    content = text(t2m=with_marks(TEMPERATURE, -999, 12), w=with_marks(LEVEL, 7.77, 3))
    guess = read(content, "x.csv")[1]
    none = read(content, "x.csv", replace(guess, missing=()))
    assert (none[0]["X"]["t2m"] == -999).sum() == 12 and none[1].missing == ()
    named, schema = read(content, "x.csv", FileSchema(missing=(7.77, -999.0)))
    assert named["X"]["t2m"].isna().sum() == 12 and named["X"]["w"].isna().sum() == 3
    assert "7.77 in 'w' counts as missing, as asked: 3 times." in schema.notes
    again = read(content, "x.csv", guess)
    pd.testing.assert_frame_equal(again[0]["X"], read(content, "x.csv")[0]["X"])


def test_a_mark_of_one_column_is_cleared_in_the_others_where_it_lies_outside() -> None:
    sensor = 600 + 1400 * RNG.random(300)  # -200 is nearer to these than they are to each other
    values = pd.DataFrame({"co": with_marks(TEMPERATURE + 10, -200, 9), "sensor": with_marks(sensor, -200, 9)})
    cleared, missing, notes = placeholders.clear(values, None)
    assert missing == (-200,) and list(cleared.isna().sum()) == [9, 9] and len(notes) == 2


def test_zeros_of_a_suspended_share_are_missing() -> None:
    bars = pd.DataFrame({"open": LEVEL - 1, "high": LEVEL + 1, "low": LEVEL - 2, "close": LEVEL, "volume": 5.0})
    suspended_T = np.isin(np.arange(300), [40, 41, 42, 200])
    bars.loc[suspended_T, ["open", "high", "low", "volume"]] = 0
    bars.loc[100, "volume"] = 0  # no trade, but prices
    bars.loc[120, ["open", "high", "low"]] = 0  # trades at no price: odd, and not of this kind
    tables, schema = read(text(**{name: bars[name].to_numpy() for name in bars}), "x.csv")
    table = tables["X"].reset_index(drop=True)
    expected = bars.mask(np.outer(suspended_T, [True, True, True, False, False]))
    pd.testing.assert_frame_equal(table, expected, check_dtype=False)
    assert any("Zeros for open, high and low" in note and "4 rows" in note for note in schema.notes)
