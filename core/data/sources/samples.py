"""Real series that ship inside installed packages: available at once, without a network."""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from core.data.frame import build, column_name
from core.data.sources.source import Source
from core.errors import SourceError
from core.spec import Data, Spec, with_values

Settings = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The description of one bundled series, known without loading it.

    `kind` is prices, level or count; `target` is the default column to forecast; `interval` is in words. `recipe` is
    what differs from the default recipe, as dotted paths and values; `forecasts` says in words what it forecasts.
    """

    name: str
    title: str
    field: str
    kind: str
    target: str
    interval: str
    text: str
    forecasts: str
    recipe: Settings


def recipe(name: str) -> Spec:
    """Return the recipe for the sample `name`, which trains in well under a minute. Raises SourceError if unknown."""
    sample = _find(name)
    return with_values(Spec(), {"data.symbols": (sample.name,), **dict(sample.recipe)})


def load(name: str) -> pd.DataFrame:
    """Return the plain table (T, columns) of the sample `name`, sorted by time, in the units that `Sample.text` says.

    Prices are adjusted for splits and dividends. Raises SourceError for an unknown name.
    """
    key = _find(name).name
    table = _LOADERS[key](key)
    table.index.name = "time"
    return table.sort_index()


def _find(name: str) -> Sample:
    key = name.strip().upper()
    if key not in SAMPLES:
        raise SourceError(f"There is no sample {name!r}. There are: {', '.join(SAMPLES)}.")
    return SAMPLES[key]


def _stock(name: str) -> pd.DataFrame:
    from bokeh_sampledata import stocks

    table = pd.DataFrame(getattr(stocks, name))
    return _adjust(table.set_index(pd.to_datetime(table.pop("date"))))


def _index(name: str) -> pd.DataFrame:
    return _adjust(_packaged(name.lower()))


def _oil(name: str) -> pd.DataFrame:
    return _packaged(name.lower()).set_axis(["close"], axis=1).dropna()


def _glucose(_: str) -> pd.DataFrame:
    from bokeh_sampledata.glucose import data

    table = data[["glucose", "isig"]].apply(pd.to_numeric, errors="coerce")  # isig is "nil" where the sensor failed
    return table.dropna(subset=["glucose"]).astype(float)


def _sea(_: str) -> pd.DataFrame:
    from bokeh_sampledata.sea_surface_temperature import sea_surface_temperature as data

    return data[["temperature"]].tz_localize(None).dropna()


def _commits(_: str) -> pd.DataFrame:
    from bokeh_sampledata.commits import data

    days = pd.Series(1.0, index=pd.DatetimeIndex(data.index).tz_localize(None).normalize())
    daily = days.groupby(level=0).sum()
    return daily.asfreq("D", fill_value=0.0).to_frame("commits")  # a day without commits is a day with zero commits


def _packaged(name: str) -> pd.DataFrame:
    """Return the CSV that arch ships, without importing arch.data, which takes 2 s; the file takes 0.03 s."""
    spec = importlib.util.find_spec("arch")
    if spec is None or not spec.submodule_search_locations:
        raise SourceError(f"The sample {name.upper()} needs the package arch. Install it with: pip install arch.")
    path = Path(spec.submodule_search_locations[0]) / "data" / name / f"{name}.csv.gz"
    table = pd.read_csv(path, parse_dates=["Date"], index_col="Date")
    return table.apply(pd.to_numeric, errors="coerce")  # missing oil prices are written as a dot


def _adjust(table: pd.DataFrame) -> pd.DataFrame:
    """Return prices scaled by adjusted over raw close, so that neither splits nor dividends show as jumps."""
    prices = table.rename(columns=column_name).astype(float)
    factor = prices.pop("adj_close") / prices["close"]
    for name in ("open", "high", "low", "close"):
        prices[name] *= factor
    return prices[["open", "high", "low", "close", "volume"]]


def _prices(name: str, title: str, text: str, settings: Settings = ()) -> Sample:
    return Sample(
        name=name,
        title=title,
        field="finance",
        kind="prices",
        target="close",
        interval="daily",
        text=text,
        forecasts="the volatility of the price over the next five sessions",
        recipe=settings,
    )


def _column(name: str, horizon: int, features: tuple[str, ...], *more: tuple[str, Any]) -> Settings:
    """Return the settings that forecast this column at every step up to the horizon, from these features."""
    return (
        ("target.kind", "column"),
        ("target.column", name),
        ("target.horizon", horizon),
        ("features", features),
        *more,
    )


_STOCK = "Adjusted open, high, low, close in US dollars and raw volume, trading days {}."
_INDEX = "Open, high, low, close in index points and volume, trading days 1999-01 to 2018-12."
_SHORT = (  # for a short series: a short window, a small network, and splits that still have some windows
    ("features", ("return", "abs_return", "log_range", "log_range_mean:5")),
    ("window.lookback", 10),
    ("model.hidden", 8),
    ("split.train", 0.5),
    ("split.val", 0.12),
    ("split.calib", 0.13),
    ("split.test", 0.25),
)
_OIL = (
    (
        "features",
        ("return", "abs_return", "negative_return", "log_volatility:5", "log_volatility:22", "log_volatility:66"),
    ),
    ("model.hidden", 32),
    ("train.batch_size", 128),
    ("train.epochs", 20),
)

SAMPLES: dict[str, Sample] = {
    sample.name: sample
    for sample in (
        _prices("SP500", "S&P 500 index", _INDEX),
        _prices("NASDAQ", "NASDAQ Composite index", _INDEX),
        _prices("AAPL", "Apple", _STOCK.format("2000-03 to 2013-03")),
        _prices("GOOG", "Google", _STOCK.format("2004-08 to 2013-03")),
        _prices("IBM", "IBM", _STOCK.format("2000-03 to 2013-03")),
        _prices("MSFT", "Microsoft", _STOCK.format("2000-03 to 2013-03")),
        _prices("FB", "Facebook", _STOCK.format("2012-05 to 2013-03: only 196 of them"), _SHORT),
        _prices(
            "WTI", "Crude oil, West Texas Intermediate", "Spot price in US dollars a barrel, 1986-01 to 2019-01.", _OIL
        ),
        Sample(
            name="VIX",
            title="Volatility index (VIX)",
            field="finance",
            kind="level",
            target="close",
            interval="daily",
            text="Close of the implied volatility of the S&P 500, % a year, 2014-01 to 2019-01.",
            forecasts="the index over the next five sessions",
            recipe=_column("close", 5, ("column:close", "change:close"), ("window.log", True), ("model.hidden", 16)),
        ),
        Sample(
            name="GLUCOSE",
            title="Blood glucose of one person",
            field="medicine",
            kind="level",
            target="glucose",
            interval="5 minutes",
            text="Glucose from a continuous monitor, mg/dl, and the current of its sensor, 2010-03 to 2010-10.",
            forecasts="the blood glucose of the next hour, in steps of five minutes",
            recipe=_column(
                "glucose",
                12,
                ("column:glucose", "change:glucose", "hour_sin", "hour_cos", "gap_days"),
                ("data.start", "2010-09-01"),
                ("window.lookback", 36),
                ("model.hidden", 32),
                ("train.batch_size", 256),
                ("train.epochs", 20),
            ),
        ),
        Sample(
            name="SST",
            title="Sea surface temperature",
            field="weather",
            kind="level",
            target="temperature",
            interval="30 minutes",
            text="Buoy on the Western Maine Shelf, degrees Celsius, 2016-02 to 2017-03.",
            forecasts="the temperature of the next twelve hours, in steps of half an hour",
            recipe=_column(
                "temperature",
                24,
                ("change:temperature", "hour_sin", "hour_cos"),
                ("data.start", "2016-08-01"),
                ("window.lookback", 48),
                ("model.hidden", 32),
                ("train.batch_size", 128),
                ("train.epochs", 12),
                ("train.learning_rate", 0.002),
            ),
        ),
        Sample(
            name="COMMITS",
            title="Commits to an open-source project",
            field="demand",
            kind="count",
            target="commits",
            interval="daily",
            text="Commits to Bokeh per day, seven days a week, 2012-12 to 2017-04.",
            forecasts="the commits of each of the next seven days",
            recipe=_column(
                "commits",
                7,
                ("column:commits", "weekday"),
                ("window.lookback", 28),
                ("model.hidden", 16),
                ("model.norm", "none"),
            ),
        ),
    )
}

FIELDS = tuple(dict.fromkeys(sample.field for sample in SAMPLES.values()))

_LOADERS: dict[str, Callable[[str], pd.DataFrame]] = {
    "SP500": _index,
    "NASDAQ": _index,
    "WTI": _oil,
    "VIX": _oil,
    "GLUCOSE": _glucose,
    "SST": _sea,
    "COMMITS": _commits,
    "AAPL": _stock,
    "GOOG": _stock,
    "IBM": _stock,
    "MSFT": _stock,
    "FB": _stock,
}


def _load_recipe(data: Data, cache: Path) -> pd.DataFrame:
    return build({name.strip().upper(): load(name) for name in data.symbols})


def _load_covariate(name: str, data: Data, cache: Path) -> tuple[pd.DataFrame, list[str]]:
    return load(name), []


SOURCE = Source(name="sample", title="Bundled", load=_load_recipe, load_covariate=_load_covariate)
