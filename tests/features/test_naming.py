"""Names of features: read as people write them, different for different features, and their code is not lost."""

import copy
import re

import pytest

from core.features import CATALOGUE, naming, parse
from core.features.feature import formula
from core.language import shown, use


@pytest.mark.parametrize(
    ("code", "step", "name"),
    [
        ("log_range_mean:5", "day", "Mean daily range, 5 days"),
        ("rsi:2", "hour", "Relative strength index, 2 hours"),
        ("rsi:14|zscore:60", "week", "Relative strength index, 14 weeks, zscore 60"),
        ("column:glucose", "step", "glucose"),
        ("change:glucose", "step", "glucose, change"),
        ("known:promo", "day", "promo, known in the future"),
        ("column:Return", "day", "column Return"),
        ("week_sin:2", "day", "Time of the week, sine (2)"),
        ("weekday", "day", "Day of the week"),
        ("nonsense:1", "day", "nonsense:1"),
    ],
)
def test_a_feature_is_named_by_its_record_its_number_and_its_transforms(code, step, name):
    assert naming.name(code, step) == name


def test_a_name_remembers_its_code_in_copies_too():
    name = naming.name("rsi:14", "day")
    assert name.code == copy.deepcopy(name).code == "rsi:14"


def test_a_feature_is_described_in_the_language_of_the_screen():
    english = naming.describe("rsi:14|zscore:60|lag:2")
    assert english.startswith("Share of gains in the moves of n steps, 0 to 1; then its standard deviations from the")
    assert english.endswith("mean of n steps (60); then its value n steps before (2).")
    assert naming.describe("rsi") == CATALOGUE["rsi"].text
    with use("ko"):
        assert naming.describe("rsi") == "n시점의 움직임 중 상승이 차지하는 비율로 0에서 1 사이입니다."
        korean = naming.describe("rsi:14|zscore:60|lag:2")
        assert korean.startswith(naming.describe("rsi")) and korean.count("이어서") == 2
        assert naming.describe("ta:hma") == "pandas-ta-classic의 지표 hma입니다(가격으로 나눔)."


def test_every_feature_and_its_formula_are_korean_in_korean():
    with use("ko"):
        for code, feature in CATALOGUE.items():
            assert re.search("[가-힣]", naming.describe(f"{code}:x" if feature.parameter == "column" else code))
            said = shown(formula(feature.function))
            assert not re.search(r"\b(the|over|with|mean|steps)\b", said), said
        chained = shown(formula(parse("rsi:14|diff:2")[0].function))
        assert chained.startswith("0에서 1 사이의 상대 강도") and chained.endswith("x_t − x_{t−n}.")
