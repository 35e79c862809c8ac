"""Texts in the encodings of several countries are read with the letters that were written, and a guess is named."""

import pytest

from core.data.sources.files import read

TEXTS = {  # encoding → names of columns that are in no table of headings, and those that are
    "cp949": (("날짜", "기온", "강수량"), ("일자", "종가", "시가", "거래량")),
    "gb18030": (("时刻", "气温", "降水量"), ("日期", "收盘", "开盘", "成交量")),
    "shift_jis": (("ひづけ", "気温", "データ"), ("日付", "終値", "始値", "出来高")),
    "cp1251": (("День", "температура", "осадки"), ("Дата", "Цена", "Откр.", "Объём")),
    "utf-16": (("날짜", "기온", "Größe"), ("日期", "收盘", "开盘")),
    "utf-16-le": (("날짜", "기온", "x"), ("日期", "收盘", "开盘")),
    "utf-16-be": (("Datum", "Größe", "x"), ("Дата", "Цена", "Откр.")),
    "cp1252": (("Datum", "Größe", "Température", "Preis €"), ("Jour", "Été")),
    "latin-1": (("Datum", "Höhe ü. M.", "Año"), ("Día", "Niño")),
}


@pytest.mark.parametrize("encoding", TEXTS)
@pytest.mark.parametrize("which", [0, 1])
def test_headings_are_read_in_their_own_letters(encoding: str, which: int) -> None:
    names = TEXTS[encoding][which]
    rows = "".join(f"2024-01-{day:02d},{','.join([f'{day}.5'] * (len(names) - 1))}\n" for day in range(1, 8))
    tables, schema = read((",".join(names) + "\n" + rows).encode(encoding), "x.csv")
    said = " ".join(schema.notes)
    kept = [name for name in names[1:] if name in tables["X"] or repr(name) in said]
    assert kept == list(names[1:]) and names[0].lower() in map(str.lower, schema.columns)
    assert schema.encoding in {encoding, "cp1252" if encoding == "latin-1" else encoding}
    guessed = not encoding.startswith("utf")
    assert any("a guess from its letters" in note for note in schema.notes) == guessed
    assert read((",".join(names) + "\n" + rows).encode(encoding), "x.csv", schema)[1].encoding == schema.encoding
