"""The column to forecast is the main value of a file, and what is known beyond it is found."""

import numpy as np
import pandas as pd
import pytest

from core.data.parsing.roles import known_ahead, main_column
from core.data.sources.files import read

RANDOM = np.random.default_rng(0)


def table(*names: str, rows: int = 30, **columns: object) -> pd.DataFrame:
    """Random numbers under these names on days in a row, with further columns as given."""
    days = pd.date_range("2024-01-01", periods=rows, name="time")
    return pd.DataFrame({name: RANDOM.normal(5, 1, rows) for name in names} | columns, index=days)


@pytest.mark.parametrize(
    ("names", "main"),
    [
        (("price", "promo", "sales"), "sales"),
        (("promo", "price"), "price"),
        (("widgets", "price"), "widgets"),
        (("price", "fuel tax"), "price"),
        (("target", "Open", "High", "Low", "Close"), "Close"),
        (("y", "close"), "y"),
        (("temperature", "demand"), "demand"),
        (("humidity", "temperature"), "temperature"),
        (("year", "month", "pm2.5", "TEMP"), "pm2.5"),
        (("Day-ahead Total Load Forecast [MW]", "Actual Total Load [MW]"), "Actual Total Load [MW]"),
        (("sales_lag_1", "sales forecast", "sales"), "sales"),
        (("store_nbr", "onpromotion", "Weekly_Sales", "Fuel_Price"), "Weekly_Sales"),
        (("lat", "lon", "wind"), "wind"),
        (("discount", "Number of Cases per day"), "Number of Cases per day"),
        (("Change %", "Index"), "Index"),
        (("Record Type", "Historic Glucose mg/dL"), "Historic Glucose mg/dL"),
        (("Preis", "Feiertag", "Stromverbrauch"), "Stromverbrauch"),
        (("Filiale", "Gesamtumsatz"), "Gesamtumsatz"),
        (("prix", "férié", "ventes"), "ventes"),
        (("precio", "promoción", "Ventas totales"), "Ventas totales"),
        (("цена", "продажи"), "продажи"),
        (("매장번호", "단가", "요일", "매출액(원)"), "매출액(원)"),
        (("价格", "促销", "销量"), "销量"),
        (("価格", "祝日", "売上高"), "売上高"),
        (("HUFL", "HULL", "OT"), "OT"),
        (("COAST", "EAST"), "COAST"),
    ],
)
def test_the_main_value_is_forecast(names, main):
    assert main_column(table(*names)) == main


def test_flags_and_constants_are_never_the_target_if_there_is_another():
    flag, constant = np.arange(30.0) % 2, np.ones(30)
    assert main_column(table("humidity", sales=constant, target=flag)) == "humidity"
    assert main_column(table(sales=flag, promo=constant)) == "sales"
    assert main_column(table(promo=constant)) == "promo"


def test_a_file_without_a_word_for_the_outcome_keeps_the_first_column_that_measures_something():
    tables, schema = read(b"date,id,alpha,beta\n2024-01-01,7,1.5,2\n2024-01-02,9,2.5,1\n2024-01-03,4,1,8\n", "x.csv")
    assert schema.target == "alpha" and list(tables["X"].columns) == ["id", "alpha", "beta"]


def planned(ahead: int = 5, **columns: object) -> pd.DataFrame:
    values = table("sales", rows=30 + ahead, **columns)
    values.iloc[30:, 0] = np.nan
    return values


def test_columns_that_reach_past_the_last_outcome_are_known_ahead():
    weather = np.where(np.arange(35) < 33, np.arange(35.0), np.nan)
    plan = planned(promo=np.arange(35.0) % 2, weather=weather, constant=np.ones(35))
    assert known_ahead([plan], "sales") == {"promo": 5, "weather": 3}
    assert known_ahead([plan, plan.iloc[:33]], "sales") == {"promo": 3, "weather": 3}
    assert known_ahead([plan, plan.iloc[:30]], "sales") == {}


def test_what_only_looks_like_a_plan_is_not_known_ahead():
    assert known_ahead([planned(ahead=1, promo=np.arange(31.0) % 2)], "sales") == {}  # today's row, not yet complete
    rare = np.where(np.arange(35) % 7 == 6, np.arange(35.0), np.nan)
    rare[30:] = 1.0
    assert known_ahead([planned(scans=rare)], "sales") == {}  # nothing to learn from
    bars = table("open", "high", "low", "close", "volume")
    bars.loc[bars.index[-3:], "close"] = np.nan
    assert known_ahead([bars], "close") == {}  # prices are never known before they are made
    monthly = table("orders", rows=400)
    monthly["cpi"] = np.where(monthly.index.day == 1, np.arange(400.0), np.nan)
    assert known_ahead([monthly], "cpi") == {}  # rows of another frequency are no steps of the target


def test_a_file_with_a_plan_names_its_columns_as_known():
    lines = [f"2024-01-{day:02d},{'' if day > 25 else day * 1.5},{day % 2},{day % 3}" for day in range(1, 31)]
    schema = read("\n".join(["date,sales,promo,price", *lines]).encode(), "x.csv")[1]
    assert (schema.target, schema.known) == ("sales", ("promo", "price"))
