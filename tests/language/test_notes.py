"""What the reader of a file says about it, and what is known about data before training, in Korean."""

import numpy as np
import pandas as pd
import pytest

from core.data import frame, quality, quality_summary
from core.data.sources import files
from core.datasets import row_notes
from core.errors import DataError, words
from core.language import Message, message, use
from core.spec.parts import Target
from core.storage import sentences
from core.storage.serialize import dumps
from tests.language.conftest import ENGLISH, korean

DAYS = pd.date_range("2020-01-01", periods=40)


def comma_decimals() -> bytes:
    rows = [f"{day:%d.%m.%Y};{i},5;{-999 if i in (3, 9, 12) else i}" for i, day in enumerate(DAYS)]
    return "\n".join(["datum;preis;anderes", *rows, "Summe;100;100"]).encode("latin-1")


def newest_first() -> bytes:
    rows = [f"{day:%d %b %Y},{i + 1},{i + 3},{i},{i + 2},{i + 1.9:.2f},1.2M,words" for i, day in enumerate(DAYS)]
    return "\n".join(["Date,Open,High,Low,Close,Adj Close,Vol.,remark", *rows[::-1]]).encode()


def nameless_bars() -> bytes:
    rows = [f"{day:%Y-%m-%d}T00:00+01:00,{i + 70.5},{i + 72},{i + 70},{i + 71}" for i, day in enumerate(DAYS)]
    return "\n".join(rows).encode()


def two_symbols() -> bytes:
    rows = [f"{name},{day:%m/%d/%y},{i}%" for name in "AB" for i, day in list(enumerate(DAYS[:10]))[::-1]]
    return "\n".join(["symbol,date,value", *rows]).encode()


FILES = {
    comma_decimals: [
        "시간은 'datum' 열에 있습니다(일 먼저, 예: 31.07.2017).",
        "소수점이 쉼표입니다. 1,5는 1과 2분의 1입니다.",
        "합계와 평균을 담은 행 1개를 제외했습니다.",
    ],
    newest_first: [
        "최신 행이 맨 위에 있어 순서를 뒤집었습니다.",
        "수정 종가를 종가로 쓰고, 시가, 고가, 저가에도 같은 비율을 곱했습니다.",
        "열 이름을 다음처럼 바꾸어 읽었습니다: 'Vol.' → volume.",
    ],
    nameless_bars: ["머리글이 없어 열을 봉 데이터(시간, 시가, 고가, 저가, 종가)로 보았습니다."],
    two_symbols: ["최신 행이 맨 위에 있어 순서를 뒤집었습니다. 다른 종목 1개에서도 마찬가지입니다."],
}


@pytest.mark.parametrize(("content", "expected"), FILES.items())
def test_the_reader_of_a_file_speaks_korean(content, expected):
    _, schema = files.read(content(), "my file.csv")
    spoken = [korean(note) for note in schema.notes]
    assert [note for note in schema.notes if not isinstance(note, Message)] == []
    assert [text for text in spoken if ENGLISH.search(text)] == []
    assert [text for text in expected if text not in spoken] == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "파일 'my file.csv'가 비어 있습니다."),
        (b"%PDF-1.4", "표가 아니라 PDF입니다."),
        (b"a,b\n1,2\n3,4\n", "중에 날짜 열이 없습니다."),
        (b"date,b\n", "머리글만 있고 행이 없습니다."),
        (
            b"date,x\n2020-01-01,1\n2020-01-02,2\nfoo,3\n2020-01-04,4\n",
            "4행에서 날짜가 있어야 할 자리의 내용이 'foo'입니다.",
        ),
        (b"date,x\n2020-01-01,a\n2020-01-02,b\n", "날짜 말고 숫자 열이 없습니다. 있는 열: 'x'(텍스트)."),
        (b"\x00\x01\x02\x03zz", "텍스트가 아닌 바이트가 있습니다."),
        (b"PK\x03\x04zz", "통합 문서로 읽을 수 없습니다"),
        (b"date,x\n2020-01-01,1\n", "파일 'my file.csv'에는 쓸 수 있는 행 1개뿐입니다."),
    ],
)
def test_a_file_that_cannot_be_read_says_why_in_korean(content, expected):
    with pytest.raises(DataError) as caught:
        files.read(content, "my file.csv")
    assert str(caught.value).startswith(("The file 'my file.csv' ", "There is no date column", "Row 4 says"))
    assert expected in korean(words(caught.value))


def test_what_is_found_in_data_is_said_in_korean():
    value_T = np.r_[np.arange(1.0, 21.0), np.full(20, 20.0)]
    table = pd.DataFrame({"close": value_T, "x": 1.0, "y": np.where(value_T > 18, np.nan, value_T)}, index=DAYS)
    data = frame.build({"A": table, "B": table})
    issues = quality.find_issues(data)
    findings = quality_summary.summarise(issues)
    spoken = [korean(one.text) for one in (*issues, *findings)]
    with use("ko"):
        rows = quality_summary.issue_rows(findings)
    assert "A: 40개 행, 3개 열. 주기는 매일, 기간은 2020-01-01부터 2020-02-09까지입니다." in spoken
    assert [text for text in spoken if ENGLISH.search(text)] == []
    assert {*rows[0]} == {"발견 사항", "종목", "열", "횟수", "언제(처음 20개)", "설명"}
    assert quality_summary.issue_rows(findings)[0].keys() == {
        "finding", "symbol", "column", "how often", "when (the first 20)", "in words"
    }  # fmt: skip


def test_the_aim_of_a_training_is_said_in_korean():
    spoken = row_notes.describe_target(Target(horizon=5), pd.DatetimeIndex(DAYS))
    assert spoken == "Forecasts the realised volatility of close, the next 5 days."
    assert korean(spoken) == "앞으로 5일 동안의 close 실현 변동성을 예측합니다."


def test_notes_and_problems_that_are_stored_keep_their_parts():
    reason = message("It has no forecast for {missing} of {windows} windows.", missing=np.int64(3), windows=10)
    parts = sentences.parts_of(({"ridge": reason}, reason))
    restored = sentences.restore({"ridge": str(reason)}, parts)
    assert dumps(parts)
    assert restored == {"ridge": "It has no forecast for 3 of 10 windows."}
    assert korean(restored["ridge"]) == "윈도우 10개 중 3개에 대한 예측이 없습니다."
