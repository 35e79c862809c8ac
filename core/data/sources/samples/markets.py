"""Bundled prices and indices of markets."""

from functools import partial

import pandas as pd

from core.data.frame import column_name
from core.data.sources.samples.sample import Package, Sample, Settings, column

ARCH = Package(name="arch", module="arch", licence="NCSA")
BOKEH = Package(name="bokeh-sampledata", module="bokeh_sampledata", licence="BSD-3-Clause")
SKFOLIO = Package(
    name="skfolio",
    module="skfolio",
    licence="BSD-3-Clause; old prices for tests and examples only",
    install="pip install --no-deps -r requirements-samples.txt",
)


def _stock(name: str) -> pd.DataFrame:
    from bokeh_sampledata import stocks

    table = pd.DataFrame(getattr(stocks, name))
    return _adjust(table.set_index(pd.to_datetime(table.pop("date"))))


def _index(name: str) -> pd.DataFrame:
    return _adjust(_arch_table(name))


def _close(name: str) -> pd.DataFrame:
    return _arch_table(name).set_axis(["close"], axis=1).dropna()


def _long_history(file: str, name: str) -> pd.DataFrame:
    path = SKFOLIO.folder / "datasets" / "data" / f"{file}.csv.gz"
    return pd.read_csv(path, usecols=["Date", name], parse_dates=["Date"], index_col="Date").set_axis(["close"], axis=1)


def _arch_table(name: str) -> pd.DataFrame:
    """Return the CSV that arch ships, without importing arch.data, which takes 2 s; the file takes 0.03 s."""
    table = pd.read_csv(ARCH.folder / "data" / name / f"{name}.csv.gz", parse_dates=["Date"], index_col="Date")
    return table.apply(pd.to_numeric, errors="coerce")  # missing oil prices are written as a dot


def _adjust(table: pd.DataFrame) -> pd.DataFrame:
    """Return prices scaled by adjusted over raw close, so that neither splits nor dividends show as jumps."""
    prices = table.rename(columns=column_name).astype(float)
    factor = prices.pop("adj_close") / prices["close"]
    for name in ("open", "high", "low", "close"):
        prices[name] *= factor
    return prices[["open", "high", "low", "close", "volume"]]


def _prices(name: str, title: str, text: str, package: Package, read: partial[pd.DataFrame], *more: Settings) -> Sample:
    return Sample(
        name=name,
        title=title,
        field="finance",
        kind="prices",
        target="close",
        interval="daily",
        text=text,
        forecasts="the volatility of the price over the next five sessions",
        recipe=tuple(setting for settings in more for setting in settings),
        package=package,
        read=read,
    )


_STOCK = "Adjusted open, high, low, close in US dollars and raw volume, trading days {}."
_INDEX = "Open, high, low, close in index points and volume, trading days 1999-01 to 2018-12."
_LONG = "Close in {}, trading days 1990-01 to 2022-12, from a set that its publisher calls stale."
_ADJUSTED = "US dollars, adjusted and rounded to 0.001"
_SHORT = (  # for a short series: a short window, a small network, and splits that still have some windows
    ("features", ("return", "abs_return", "log_range", "log_range_mean:5")),
    ("window.lookback", 10),
    ("model.hidden", 8),
    ("split.train", 0.5),
    ("split.val", 0.12),
    ("split.calib", 0.13),
    ("split.test", 0.25),
)
_CLOSES = (  # for a series without open, high and low
    (
        "features",
        ("return", "abs_return", "negative_return", "log_volatility:5", "log_volatility:22", "log_volatility:66"),
    ),
    ("model.hidden", 32),
    ("train.batch_size", 128),
    ("train.epochs", 20),
)
_FINE = (("data.start", "2000-01-03"),)  # before, the rounding of small adjusted prices moves the returns

# Tickers of which there is an older series as well carry the year of their end.
_LONG_HISTORIES = {
    "AAPL-2022": "Apple to 2022",
    "MSFT-2022": "Microsoft to 2022",
    "AMD": "Advanced Micro Devices",
    "BAC": "Bank of America",
    "BBY": "Best Buy",
    "CVX": "Chevron",
    "GE": "General Electric",
    "HD": "Home Depot",
    "JNJ": "Johnson & Johnson",
    "JPM": "JPMorgan Chase",
    "KO": "Coca-Cola",
    "LLY": "Eli Lilly",
    "MRK": "Merck",
    "PEP": "PepsiCo",
    "PFE": "Pfizer",
    "PG": "Procter & Gamble",
    "RRC": "Range Resources",
    "UNH": "UnitedHealth",
    "WMT": "Walmart",
    "XOM": "Exxon Mobil",
}

MARKETS = (
    _prices("SP500", "S&P 500 index", _INDEX, ARCH, partial(_index, "sp500")),
    _prices("NASDAQ", "NASDAQ Composite index", _INDEX, ARCH, partial(_index, "nasdaq")),
    _prices("AAPL", "Apple", _STOCK.format("2000-03 to 2013-03"), BOKEH, partial(_stock, "AAPL")),
    _prices("GOOG", "Google", _STOCK.format("2004-08 to 2013-03"), BOKEH, partial(_stock, "GOOG")),
    _prices("IBM", "IBM", _STOCK.format("2000-03 to 2013-03"), BOKEH, partial(_stock, "IBM")),
    _prices("MSFT", "Microsoft", _STOCK.format("2000-03 to 2013-03"), BOKEH, partial(_stock, "MSFT")),
    _prices(
        "FB", "Facebook", _STOCK.format("2012-05 to 2013-03: only 196 of them"), BOKEH, partial(_stock, "FB"), _SHORT
    ),
    _prices(
        "WTI",
        "Crude oil, West Texas Intermediate",
        "Spot price in US dollars a barrel, 1986-01 to 2019-01.",
        ARCH,
        partial(_close, "wti"),
        _CLOSES,
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
        recipe=column("close", 5, ("column:close", "change:close"), ("window.log", True), ("model.hidden", 16)),
        package=ARCH,
        read=partial(_close, "vix"),
    ),
)

LONG_HISTORIES = (
    _prices(
        "SP500-2022",
        "S&P 500 index to 2022",
        _LONG.format("index points"),
        SKFOLIO,
        partial(_long_history, "sp500_index", "SP500"),
        _CLOSES,
    ),
    *(
        _prices(
            name,
            title,
            _LONG.format(_ADJUSTED),
            SKFOLIO,
            partial(_long_history, "sp500_dataset", name.partition("-")[0]),
            _CLOSES,
            _FINE,
        )
        for name, title in _LONG_HISTORIES.items()
    ),
)
