"""Bundled measurements of bodies, weather, climate and the sky."""

from functools import partial

import pandas as pd

from core.data.sources.samples.markets import BOKEH
from core.data.sources.samples.sample import Package, Sample, column

STATSMODELS = Package(
    name="statsmodels", module="statsmodels", licence="BSD-3-Clause; the data are in the public domain"
)


def _glucose() -> pd.DataFrame:
    from bokeh_sampledata.glucose import data

    table = data[["glucose", "isig"]].apply(pd.to_numeric, errors="coerce")  # isig is "nil" where the sensor failed
    return table.dropna(subset=["glucose"]).astype(float)


def _sea() -> pd.DataFrame:
    from bokeh_sampledata.sea_surface_temperature import sea_surface_temperature as data

    return data[["temperature"]].tz_localize(None).dropna()


def _carbon_dioxide() -> pd.DataFrame:
    table = _statsmodels_table("co2")
    return table[["co2"]].set_index(pd.to_datetime(table["date"], format="%Y%m%d")).dropna()


def _pacific() -> pd.DataFrame:
    by_year = _statsmodels_table("elnino").set_index("YEAR")
    by_month = by_year.set_axis(range(1, 13), axis=1).stack()
    months = [pd.Timestamp(year=year, month=month, day=1) for year, month in by_month.index]
    return pd.DataFrame({"temperature": by_month.to_numpy()}, index=pd.DatetimeIndex(months))


def _by_year(folder: str, value: str) -> pd.DataFrame:
    """Return the second column of a yearly table under the name `value`, each year at its first day."""
    table = _statsmodels_table(folder)
    years = pd.to_datetime(table.iloc[:, 0].astype(int).astype(str), format="%Y")
    return pd.DataFrame({value: table.iloc[:, 1].to_numpy(dtype=float)}, index=pd.DatetimeIndex(years))


def _statsmodels_table(name: str) -> pd.DataFrame:
    return pd.read_csv(STATSMODELS.folder / "datasets" / name / f"{name}.csv")


NATURE = (
    Sample(
        name="GLUCOSE",
        title="Blood glucose of one person",
        field="medicine",
        kind="level",
        target="glucose",
        interval="5 minutes",
        text="Glucose from a continuous monitor, mg/dl, and the current of its sensor, 2010-03 to 2010-10.",
        forecasts="the blood glucose of the next hour, in steps of five minutes",
        recipe=column(
            "glucose",
            12,
            ("column:glucose", "change:glucose", "hour_sin", "hour_cos", "gap_days"),
            ("data.start", "2010-09-01"),
            ("window.lookback", 36),
            ("model.hidden", 32),
            ("model.norm", "last"),
            ("train.batch_size", 256),
            ("train.steps", 600),
        ),
        package=BOKEH,
        read=_glucose,
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
        recipe=column(
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
        package=BOKEH,
        read=_sea,
    ),
    Sample(
        name="CO2",
        title="Carbon dioxide on Mauna Loa",
        field="climate",
        kind="level",
        target="co2",
        interval="weekly",
        text="Weekly mean in the air of Mauna Loa, Hawaii, parts per million, 1958-03 to 2001-12, without 59 weeks.",
        forecasts="the concentration of each of the next eight weeks",
        recipe=column(
            "co2",
            8,
            ("column:co2", "change:co2", "month_sin", "month_cos"),
            ("window.lookback", 52),
            ("model.hidden", 32),
        ),
        package=STATSMODELS,
        read=_carbon_dioxide,
    ),
    Sample(
        name="ELNINO",
        title="Sea surface temperature off Peru (El Niño)",
        field="climate",
        kind="level",
        target="temperature",
        interval="monthly",
        text="Monthly mean of the Pacific at 0-10° S, 80-90° W, degrees Celsius, 1950-01 to 2010-12.",
        forecasts="the temperature of each of the next three months",
        recipe=column(
            "temperature",
            3,
            ("column:temperature", "change:temperature", "month_sin", "month_cos"),
            ("window.lookback", 24),
            ("model.hidden", 16),
        ),
        package=STATSMODELS,
        read=_pacific,
    ),
    Sample(
        name="NILE",
        title="Flow of the Nile at Aswan",
        field="climate",
        kind="level",
        target="flow",
        interval="yearly",
        text="Discharge of the year, 100 million cubic metres, 1871-01 to 1970-01: only 100 years.",
        forecasts="the flow of the next year",
        recipe=column(
            "flow",
            1,
            ("column:flow",),
            ("window.lookback", 5),
            ("model.hidden", 8),
            ("split.train", 0.4),
            ("split.val", 0.2),
            ("split.calib", 0.2),
            ("split.test", 0.2),
        ),
        package=STATSMODELS,
        read=partial(_by_year, "nile", "flow"),
    ),
    Sample(
        name="SUNSPOTS",
        title="Sunspots",
        field="astronomy",
        kind="level",
        target="sunspots",
        interval="yearly",
        text="Mean number of the year, 1700-01 to 2008-01.",
        forecasts="the number of each of the next three years",
        recipe=column(
            "sunspots",
            3,
            ("column:sunspots", "change:sunspots"),
            ("window.lookback", 24),
            ("model.hidden", 16),
            ("split.train", 0.5),
            ("split.val", 0.15),
            ("split.calib", 0.15),
            ("split.test", 0.2),
        ),
        package=STATSMODELS,
        read=partial(_by_year, "sunspots", "sunspots"),
    ),
)
