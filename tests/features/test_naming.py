"""Names of features: read as people write them, different for different features, and their code is not lost."""

import copy

import pytest

from core.features import naming


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
