from core.charts.explanation import phrases


def test_effect_has_a_direction_and_a_unit():
    assert phrases.effect(3.0, "% a year") == "raising it by 3 % a year"
    assert phrases.effect(-0.5, "price") == "lowering it by 0.5"


def test_correlation_has_two_decimals():
    assert phrases.format_correlation(-0.896) == "(rank correlation −0.9)"


def test_omitted_features_are_counted():
    assert phrases.omitted(0) == ""
    assert phrases.omitted(1) == " 1 less important feature is not drawn."
    assert phrases.omitted(6) == " 6 less important features are not drawn."
