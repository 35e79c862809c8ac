"""Series of many fields that ship inside installed packages, in two halves: one to develop on, one to report.

The halves and horizons were fixed before any setting was tried. Choices are made by the validation error on the
development half; the reporting half is for a figure at the end.
"""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from core.data.sources import samples


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicSeries:
    """One series: its field, how often it is observed, and the steps that are forecast."""

    name: str
    field: str
    interval: str
    horizon: int
    load: Callable[[], pd.Series]


def _packaged(package: str, path: str) -> pd.DataFrame:
    """A table that a package ships, without importing the package."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError(f"The package {package} is not installed. Install it with: pip install {package}.")
    return pd.read_csv(Path(found.submodule_search_locations[0]) / path)


def _regular(values: pd.Series, start: str, step: str) -> pd.Series:
    """Values in order as a series from `start` on."""
    return pd.Series(values.to_numpy(dtype=float), index=pd.date_range(start, periods=len(values), freq=step))


def _by_month(table: pd.DataFrame) -> pd.Series:
    """A table of one row per year, its first column, and the next twelve the months."""
    values = table.iloc[:, :13].to_numpy(dtype=float)
    return _regular(pd.Series(values[:, 1:].ravel()), f"{values[0, 0]:.0f}-01-01", "MS").dropna()


def _statsmodels(name: str) -> pd.DataFrame:
    return _packaged("statsmodels", f"datasets/{name}/{name}.csv")


def _dated(table: pd.DataFrame, column: str) -> pd.Series:
    return table.set_index(pd.to_datetime(table.iloc[:, 0], format="mixed"))[column].astype(float)


def _co2() -> pd.Series:
    values = _regular(_statsmodels("co2")["co2"], "1958-03-29", "W-SAT")
    return values.interpolate()  # 59 weeks were not measured


def _electrical_equipment() -> pd.Series:
    return _regular(_statsmodels("elec_equip").iloc[:, 1], "1995-01-01", "MS")


def _marriages() -> pd.Series:
    rates = _packaged("bokeh_sampledata", "_data/us_marriages_divorces.csv")["Marriages_per_1000"]
    return _regular(rates, "1867-01-01", "YS").interpolate()  # a few years were not counted


def _sample(name: str, column: str, start: str | None = None) -> pd.Series:
    return samples.load(name)[column].loc[start:]


DEVELOPMENT = (
    PublicSeries(
        name="sunspots",
        field="astronomy",
        interval="yearly",
        horizon=5,
        load=lambda: _regular(_statsmodels("sunspots")["SUNACTIVITY"], "1700-01-01", "YS"),
    ),
    PublicSeries(
        name="sea temperature",
        field="climate",
        interval="monthly",
        horizon=12,
        load=lambda: _by_month(_statsmodels("elnino")),
    ),
    PublicSeries(name="co2", field="climate", interval="weekly", horizon=26, load=_co2),
    PublicSeries(
        name="unemployment",
        field="economics",
        interval="monthly",
        horizon=12,
        load=lambda: _by_month(_packaged("bokeh_sampledata", "_data/unemployment1948.csv")),
    ),
    PublicSeries(
        name="electrical equipment", field="industry", interval="monthly", horizon=12, load=_electrical_equipment
    ),
    PublicSeries(
        name="commits", field="demand", interval="daily", horizon=7, load=lambda: _sample("COMMITS", "commits")
    ),
    PublicSeries(
        name="coast temperature",
        field="weather",
        interval="hourly",
        horizon=24,
        load=lambda: _sample("SST", "temperature").resample("h").mean().dropna(),
    ),
    PublicSeries(
        name="bond yield",
        field="finance",
        interval="monthly",
        horizon=12,
        load=lambda: _dated(_packaged("arch", "data/default/default.csv.gz"), "BAA"),
    ),
)
REPORTING = (
    PublicSeries(
        name="nile",
        field="climate",
        interval="yearly",
        horizon=5,
        load=lambda: _regular(_statsmodels("nile")["volume"], "1871-01-01", "YS"),
    ),
    PublicSeries(name="marriages", field="population", interval="yearly", horizon=5, load=_marriages),
    PublicSeries(
        name="core prices",
        field="economics",
        interval="monthly",
        horizon=12,
        load=lambda: _dated(_packaged("arch", "data/core_cpi/core-cpi.csv.gz"), "CPILFESL"),
    ),
    PublicSeries(
        name="consumption",
        field="economics",
        interval="quarterly",
        horizon=4,
        load=lambda: _regular(_statsmodels("macrodata")["realcons"], "1959-01-01", "QS"),
    ),
    PublicSeries(
        name="crude oil",
        field="finance",
        interval="monthly",
        horizon=12,
        load=lambda: _dated(_packaged("arch", "data/crude/crude.csv.gz"), "Brent"),
    ),
    PublicSeries(
        name="minimum temperature",
        field="weather",
        interval="daily",
        horizon=7,
        load=lambda: _regular(
            _packaged("bokeh_sampledata", "_data/lincoln_weather.csv")["TMIN"].ffill(), "2016-01-01", "D"
        ),
    ),
    PublicSeries(
        name="inflation",
        field="economics",
        interval="quarterly",
        horizon=4,
        load=lambda: _regular(_packaged("statsmodels", "datasets/interest_inflation/E6.csv")["Dp"], "1972-04-01", "QS"),
    ),
    PublicSeries(
        name="glucose",
        field="medicine",
        interval="5 minutes",
        horizon=12,
        load=lambda: _sample("GLUCOSE", "glucose", "2010-09-01"),
    ),
)
HALVES = {"development": DEVELOPMENT, "reporting": REPORTING}
