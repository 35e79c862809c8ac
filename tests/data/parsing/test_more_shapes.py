"""Files as offices, exchanges, sensors and pandas write them, each with what a person expects of it."""

import io
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data.parsing.schema import FileSchema
from core.data.sources.files import read
from core.errors import DataError

DAYS = pd.bdate_range("2024-01-02", periods=40)
HOURS = pd.date_range("2024-03-01", periods=48, freq="h")
MONTHS = pd.date_range("2014-01-01", periods=120, freq="MS")
CLOSE = np.round(100 + np.cumsum(np.random.default_rng(3).normal(size=60)), 2)
OPEN, HIGH, LOW = np.round(CLOSE - 0.3, 2), np.round(CLOSE + 0.9, 2), np.round(CLOSE - 1.1, 2)
VOLUME = 1_000_000 + 1377 * np.arange(60)
WORDS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
GERMAN = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
]


def rows(line: Callable[[int, pd.Timestamp], str], times: pd.DatetimeIndex) -> str:
    return "\n".join(line(at, time) for at, time in enumerate(times)) + "\n"


def bar(at: int) -> str:
    return f"{OPEN[at]},{HIGH[at]},{LOW[at]},{CLOSE[at]},{VOLUME[at]}"


def read_text(text: str, encoding: str = "utf-8") -> tuple[dict[str, pd.DataFrame], str]:
    tables, schema = read(text.encode(encoding), "file.csv")
    return tables, schema.target or ""


def only(text: str, encoding: str = "utf-8") -> tuple[pd.Series, str]:
    """Return the target of a file with one series, and its name."""
    tables, target = read_text(text, encoding)
    (table,) = tables.values()
    return table[target].dropna(), target


def years_by(names: list[str], head: str, separator: str = ",", extra: str = "") -> str:
    lines = [separator.join([head, *names]) + (f"{separator}{extra}" if extra else "")]
    for year in range(2014, 2024):
        values = [f"{(year - 2014) * len(names) + at}" for at in range(len(names))]
        lines.append(separator.join([str(year), *values]) + (f"{separator}9999" if extra else ""))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (years_by(WORDS, "Year"), "utf-8"),
        (
            "CPI for All Urban Consumers\n\nSeries Id:,CUUR0000SA0\n\n" + years_by(WORDS, "Year", extra="Annual"),
            "utf-8",
        ),
        (years_by(GERMAN, "Jahr", ";"), "cp1252"),
        (years_by([f"{month}월" for month in range(1, 13)], "연도", extra="합계"), "cp949"),
        (years_by([f"{month}" for month in range(1, 13)], "year"), "utf-8"),
        (years_by([word.upper() for word in WORDS], "YEAR", "   "), "utf-8"),
        ("      " + years_by(WORDS, "", "  ").lstrip(), "utf-8"),
    ],
    ids=["plain", "titles and totals", "German", "Korean", "numbers", "aligned", "as R prints it"],
)
def test_a_row_per_year_with_a_column_per_month_is_one_monthly_series(text: str, encoding: str) -> None:
    series, _ = only(text, encoding)
    assert series.index.equals(MONTHS.rename("time")) and [*series] == [*range(120)]


def test_a_row_per_year_with_a_column_per_quarter_is_one_quarterly_series() -> None:
    series, _ = only(years_by(["Q1", "Q2", "Q3", "Q4"], "Year", extra="Total"))
    assert [*series] == [*range(40)] and series.index[1] == pd.Timestamp("2014-04-01")


@pytest.mark.parametrize(
    ("names", "first"),
    [
        ([f"{hour}시" for hour in range(1, 25)], 1),
        ([f"H{hour:02d}" for hour in range(1, 25)], 1),
        ([*map(str, range(24))], 0),
    ],
)
def test_a_row_per_day_with_a_column_per_hour_is_one_hourly_series(names: list[str], first: int) -> None:
    lines = rows(lambda at, day: f"{day:%Y-%m-%d}," + ",".join(f"{24 * at + hour}" for hour in range(24)), DAYS)
    series, _ = only("date," + ",".join(names) + "\n" + lines)
    assert len(series) == 960 and [*series] == [*range(960)]
    assert series.index[0] == pd.Timestamp("2024-01-02") + pd.Timedelta(hours=first)


@pytest.mark.parametrize(
    ("head", "line"),
    [
        ("series_id,year,period,value", lambda at, time: f"LNS14,{time.year},M{time:%m},{at}"),
        ("Year,Month,Passengers", lambda at, time: f"{time.year},{time:%B},{at}"),
        ("Month,Year,Sales", lambda at, time: f"{time:%b},{time.year},{at}"),
        (",,Value", lambda at, time: f"{time.year},{GERMAN[time.month - 1]},{at}"),
    ],
    ids=["M01", "words", "month first", "nameless"],
)
def test_a_month_in_words_belongs_to_its_year(head: str, line: Callable[[int, pd.Timestamp], str]) -> None:
    series, _ = only(f"{head}\n{rows(line, MONTHS)}")
    assert series.index.equals(MONTHS.rename("time")) and [*series] == [*range(120)]


@pytest.mark.parametrize("sign", ["", "Q"])
def test_a_quarter_belongs_to_its_year(sign: str) -> None:
    lines = rows(lambda at, time: f"{time.year},{sign}{time.quarter},{at}", MONTHS[::3])
    series, _ = only(f"Year,Quarter,GDP\n{lines}")
    assert series.index.equals(MONTHS[::3].rename("time"))


def test_a_week_belongs_to_its_year() -> None:
    series, target = only("year,week,cases\n" + "".join(f"{2018 + at // 52},{at % 52 + 1},{at}\n" for at in range(104)))
    assert target == "cases" and len(series) == 104 and series.index[0] == pd.Timestamp("2018-01-01")


@pytest.mark.parametrize(
    "line",
    [
        lambda at, time: f"{time:%Y.%m.%d},{time:%H:%M},{bar(at)}",
        lambda at, time: f"{time:%m/%d/%Y},{time:%H:%M},{bar(at)}",
        lambda at, time: f"{time:%Y%m%d %H%M}00;" + bar(at).replace(",", ";"),
        lambda at, time: f"{time:%Y-%m-%d %H:%M:%S},{bar(at)}",
        lambda at, time: f"{int(time.timestamp())},{bar(at)},{at}",
    ],
    ids=["MetaTrader", "Kibot", "HistData", "dates", "since 1970"],
)
def test_bars_without_a_header_have_a_close(line: Callable[[int, pd.Timestamp], str]) -> None:
    series, target = only(rows(line, HOURS))
    assert target == "close" and [*series] == [*CLOSE[:48]] and [*series.index] == [*HOURS]


def test_bars_without_a_header_behind_a_ticker_are_of_this_symbol() -> None:
    text = "".join(rows(lambda at, day, of=of: f"{of},{day:%Y%m%d},{bar(at)}", DAYS) for of in ("BHP", "RIO"))
    tables, target = read_text(text)
    assert [*tables] == ["BHP", "RIO"] and target == "close" and [*tables["RIO"]["close"]] == [*CLOSE[:40]]


def test_numbers_without_a_header_that_are_no_bars_keep_their_order() -> None:
    _, target = only(rows(lambda at, day: f"{day:%Y-%m-%d},{at},{at / 2},{at * 3},{at - 5},1{at}", DAYS))
    assert target == "column_2"


@pytest.mark.parametrize(
    "head",
    [
        "Data,Otwarcie,Najwyzszy,Najnizszy,Zamkniecie,Wolumen",
        "date,ouv,haut,bas,clot,vol",
        "Tarih,Açılış,Yüksek,Düşük,Şimdi,Hac.",
        "Datum,Open,Hoog,Laag,Laatste,Vol.",
        "Datum,Öppen,Högst,Lägst,Senaste,Vol.",
        "日期,开盘,高,低,收盘,交易量",
        "candle_date,opening_price,high_price,low_price,trade_price,volume",
    ],
)
def test_prices_have_headings_in_more_languages(head: str) -> None:
    tables, target = read_text(f"{head}\n" + rows(lambda at, day: f"{day:%Y-%m-%d},{bar(at)}", DAYS))
    (table,) = tables.values()
    assert target == "close" and {*table.columns} == {"open", "high", "low", "close", "volume"}


def test_dates_in_words_come_before_times_of_the_last_trade() -> None:
    def line(at: int, day: pd.Timestamp) -> str:
        return f"{day:%Y-%m-%dT}00:00:00,{CLOSE[at]},{int(day.timestamp() * 1000) + 86_399_999}"

    series, _ = only("candle_date_time_utc,trade_price,timestamp\n" + rows(line, DAYS))
    assert [*series.index] == [*DAYS]


def test_a_column_that_always_has_the_same_date_gives_no_times() -> None:
    text = "Dernière mise à jour;Libre;Valeur\n" + rows(lambda at, time: f"12/01/2024;{time:%Y-%m};{at}", MONTHS)
    assert [*only(text)[0].index] == [*MONTHS]
    influx = ",result,_start,_time,_value\n" + rows(
        lambda at, time: f",,2024-03-01T00:00:00Z,{time:%FT%TZ},{at}", HOURS
    )
    assert [*only(influx)[0].index] == [*HOURS]


@pytest.mark.parametrize("line", ["{time},{value},{name}", "{time:%d.%m.%Y %H:%M:%S},{value},{name}"])
def test_sensors_at_times_of_their_own_are_several_series(line: str) -> None:
    lines = [
        line.format(time=hour + pd.Timedelta(seconds=7 * sensor), value=at + 1000 * sensor, name=f"sensor.{name}")
        for at, hour in enumerate(HOURS)
        for sensor, name in enumerate(("temperature", "power"))
    ]
    tables, _ = read_text("last_changed,state,entity_id\n" + "\n".join(lines))
    assert [*tables] == ["sensor.temperature", "sensor.power"] and [*tables["sensor.power"]["state"]] == [
        *range(1000, 1048)
    ]


def test_a_single_ticker_is_the_symbol_and_no_number() -> None:
    text = ",ts_code,trade_date,close\n" + rows(lambda at, day: f"{at},600519.SH,{day:%Y%m%d},{CLOSE[at]}", DAYS)
    tables, _ = read_text(text)
    assert [*tables] == ["600519.SH"] and [*tables["600519.SH"].columns] == ["close"]


def test_two_columns_name_the_series_together() -> None:
    lines = [
        f"{day:%F},{store},{family},{at + 100 * store}"
        for at, day in enumerate(DAYS)
        for store in (1, 2)
        for family in ("BABY", "DAIRY PRODUCTS")
    ]
    tables, target = read_text("date,store_nbr,family,sales\n" + "\n".join(lines))
    assert [*tables] == ["1 BABY", "1 DAIRY PRODUCTS", "2 BABY", "2 DAIRY PRODUCTS"] and target == "sales"
    assert [*tables["2 BABY"]["sales"]] == [200 + at for at in range(40)]


def test_columns_of_two_levels_without_names_keep_both() -> None:
    columns = pd.MultiIndex.from_product([["Close", "Volume"], ["AAPL", "MSFT"]])
    frame = pd.DataFrame(np.arange(160.0).reshape(40, 4), index=DAYS, columns=columns)
    tables, _ = read_text(frame.to_csv())
    assert [*tables] == ["AAPL", "MSFT"] and [*tables["MSFT"]["close"]] == [*frame["Close", "MSFT"]]
    frame.columns = pd.MultiIndex.from_tuples(
        [("sales", "mean"), ("sales", "std"), ("stock", "mean"), ("stock", "std")]
    )
    (table,) = read_text(frame.to_csv())[0].values()
    assert [*table.columns] == ["sales mean", "sales std", "stock mean", "stock std"]


def test_years_with_codes_and_remarks_behind_them_are_years() -> None:
    years = range(1990, 2023)
    head = "Country Name,Series Name," + ",".join(f"{year} [YR{year}]" for year in years) + ",Estimates Start After"
    lines = [
        f"{name},GDP," + ",".join(f"{start + year}" for year in years) + ",2020"
        for name, start in (("Korea", 0), ("France", 5))
    ]
    tables, _ = read_text("\n".join([head, *lines, ",,,", "Data from database: World Development Indicators"]))
    assert [*tables] == ["Korea", "France"] and [*tables["France"].iloc[:, 0]] == [5 + year for year in years]


@pytest.mark.parametrize(
    ("head", "day_form", "target"),
    [
        ("DATE          VALUE", "%F      ", "VALUE"),
        ("Title:    Unemployment\nUnits:    Percent\n\nDATE    VALUE", "%F    ", "VALUE"),
        ("date time temp", "%F %T ", "temp"),
    ],
)
def test_blanks_align_the_cells_of_a_text(head: str, day_form: str, target: str) -> None:
    series, name = only(f"{head}\n" + rows(lambda at, day: f"{day:{day_form}}{at}.5", DAYS))
    assert name == target and [*series.index] == [*DAYS] and series.iloc[3] == 3.5


def test_rows_without_a_date_at_the_ends_are_left_out_and_in_the_middle_refused() -> None:
    body = rows(lambda at, day: f"{day:%F},{at}", DAYS)
    tables, schema = read(f"date,users\n,70\n{body},780\n".encode(), "file.csv")
    assert [*tables["FILE"]["users"]] == [*range(40)]
    assert any("without a date at the ends" in note and "row 43" in note for note in schema.notes)
    with pytest.raises(DataError, match="Row 22 says '' where a date belongs"):
        read(f"date,users\n{body}".replace("2024-01-30,20", ",20").encode(), "file.csv")


def test_years_of_the_republic_of_china_begin_in_1912() -> None:
    series, target = only(
        "日期,開盤價,最高價,最低價,收盤價,成交股數\n" + rows(lambda at, day: f"113/{day:%m/%d},{bar(at)}", DAYS), "big5"
    )
    assert target == "close" and [*series.index] == [*DAYS]


def test_hours_of_a_grid_are_no_target() -> None:
    lines = rows(lambda at, time: f"{time:%FT%T},{time.hour + 1},{CLOSE[at]}", HOURS)
    assert only(f"INTERVALSTARTTIME,OPR_HR,MW\n{lines}")[1] == "MW"


def test_the_parts_of_a_structure_in_parquet_are_columns() -> None:
    bars = [{"open": float(OPEN[at]), "close": float(CLOSE[at])} for at in range(48)]
    stream = io.BytesIO()
    pd.DataFrame({"ts": HOURS, "bar": bars}).to_parquet(stream)
    tables, schema = read(stream.getvalue(), "file.parquet")
    assert [*tables["FILE"].columns] == ["open", "close"] and schema.target == "close"


@pytest.mark.parametrize(
    ("encoding", "heading", "places"),
    [
        ("big5", "日期,銷售額,城市", ("臺北", "高雄")),
        ("gbk", "日期,销售额,城市", ("北京", "上海")),
        ("euc-jp", "日付,売上高,都市", ("東京", "札幌")),
        ("shift_jis", "日付,売上高,都市", ("東京", "札幌")),
        ("cp949", "날짜,매출액,도시", ("서울", "부산")),
        ("koi8-r", "Дата,Продажи,Город", ("Москва", "Казань")),
        ("cp1251", "Дата,Продажи,Город", ("Москва", "Казань")),
        ("cp1250", "Data,Sprzedaż,Województwo", ("łódzkie", "śląskie")),
        ("cp1250", "Datum,Prodej,Město", ("Plzeň", "Děčín")),
        ("cp1250", "Dátum,Érték,Település", ("Győr", "Fűzfő")),
        ("cp1250", "Data,Vânzări,Localitate", ("Iaşi", "Timişoara")),
        ("cp1253", "Ημερομηνία,Πωλήσεις,Πόλη", ("Αθήνα", "Πάτρα")),
        ("cp1254", "Tarih,Satış,Şehir", ("İzmir", "Muğla")),
        ("cp1252", "Date,Verkäufe,Stadt", ("Zürich", "Besançon", "Málaga", "Ålesund")),
        ("cp1252", "Data,Preço,Município", ("São José", "Florianópolis")),
    ],
)
def test_an_encoding_is_told_from_the_letters_of_its_language(
    encoding: str, heading: str, places: tuple[str, ...]
) -> None:
    lines = "\n".join(f"{day:%F},{at},{place}" for at, day in enumerate(DAYS) for place in places)
    tables, target = read_text(f"{heading}\n{lines}\n", encoding)
    assert target == heading.split(",")[1] and [*tables] == [*places]


def test_korean_dates_in_a_table_without_other_letters_are_no_russian() -> None:
    series, _ = only(
        "date,value\n" + rows(lambda at, day: f"{day.year}년 {day.month}월 {day.day}일,{at}", DAYS), "cp949"
    )
    assert [*series.index] == [*DAYS]


def test_series_that_two_columns_name_can_be_corrected() -> None:
    rows = [
        f"2024-01-{day:02d},{store},{item},{day * store},{day * item}"
        for day in range(1, 29)
        for store in (1, 2)
        for item in (1, 2)
    ]
    content = "\n".join(["date,store,item,sales,price", *rows]).encode()
    tables, schema = read(content, "x")
    assert schema.symbol_column == "store item"
    roles = tuple((name, {"sales": "past", "price": "target"}.get(name, role)) for name, role in schema.roles)
    again, corrected = read(content, "x", replace(schema, roles=roles))
    assert corrected.target == "price" and list(again) == list(tables) == ["1 1", "1 2", "2 1", "2 2"]
    assert list(read(content, "x", FileSchema(symbol_column="store item"))[0]) == list(tables)
