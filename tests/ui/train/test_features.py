"""Choosing features: add, clear, keep between pages, drop what no longer fits."""

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Multiselect

from core.features import catalogue
from core.spec import from_dict
from tests.pages.conftest import captions, opened, plain, text

USUAL = [
    "return",
    "abs_return",
    "log_range",
    "log_range_mean:5",
    "log_range_mean:22",
    "volume_change",
    "negative_return",
]


def page() -> None:
    """The picker alone, on a small market or, with "only", on one column of it under another name."""
    from dataclasses import replace

    import streamlit as st

    from core.data.frame import build
    from core.spec import Target
    from tests.conftest import market
    from ui import session
    from ui.train import features

    table = market(300)
    if only := st.session_state.get("only"):
        table = table[["close"]].set_axis([only], axis=1)
    target = Target(kind=st.session_state.get("kind", "volatility"), column=only or "close")
    spec = session.recipe()
    if st.session_state.get("elsewhere"):
        return
    session.set_recipe(replace(spec, target=target, features=features.choose(spec, target, build({"A": table}))))


def picker(app):
    return next(box for box in app.multiselect if box.label == "Features")


def chosen(app):
    return picker(app).value


@pytest.fixture(autouse=True)
def typed_as_it_is(monkeypatch):
    """A browser sends what is typed into the list as it is; the test of Streamlit would send its name."""

    def values(box):
        names = [box.format_func(value) for value in box.value]
        return [name if name in box.options else value for name, value in zip(names, box.value, strict=True)]

    monkeypatch.setattr(Multiselect, "values", property(values))


def dropped(app):
    return [plain(box.value) for box in app.info if box.value.startswith("Dropped")]


@pytest.fixture
def app():
    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    return app


@pytest.fixture
def train(app):
    """The picker with the catalogue open."""
    app.session_state["picker-open"] = True
    app.run()
    assert not app.exception
    return app


def category(app, name):
    app.pills(key="picker-category").set_value(name).run()
    return app.selectbox(key=f"picker-entry-{name}")


def listed(name):
    """The entry of the catalogue for a feature."""
    entries = (*catalogue.entries(("open", "high", "low", "close", "volume"), "close", ()), *catalogue.expert_entries())
    return next(entry for entry in entries if entry.text == name)


def entry(app, box, name):
    box.set_value(listed(name)).run()
    assert not app.exception


def test_the_list_starts_with_the_default_features_and_describes_them(idle):
    app = opened("train")
    assert chosen(app) == USUAL
    words = text(app)
    assert "7 features: " in words and "badge[2 price]" in words and "badge[4 volatility]" in words
    assert "`log_range_mean:22`: " in words
    assert not any(box.key == "picker-search" for box in app.text_input)  # closed: nothing of the catalogue is drawn


def test_a_feature_is_added_with_its_number_and_transforms_more_than_once(train):
    entry(train, category(train, "momentum"), "rsi")
    train.number_input(key="picker-number-rsi").set_value(21).run()
    train.selectbox(key="picker-step-0").set_value("zscore").run()
    train.number_input(key="picker-step-0-zscore").set_value(90).run()
    caption = captions(train)["picker-preview"]
    assert "Relative strength index, 21 days, zscore 90" in caption and " A" in caption
    train.button(key="picker-add").click().run()
    assert chosen(train) == [*USUAL, "rsi:21|zscore:90"]
    assert train.button(key="picker-add").disabled
    train.selectbox(key="picker-step-0").set_value("").run()
    train.button(key="picker-add").click().run()
    assert chosen(train)[-2:] == ["rsi:21|zscore:90", "rsi:21"]
    assert from_dict(train.session_state["recipe"]).features == tuple(chosen(train))


def test_search_goes_through_everything_and_says_when_nothing_is_found(train):
    search = train.text_input(key="picker-search")
    search.set_value("hull").run()
    assert [o for o in train.selectbox(key="picker-entry-hull").options if o == listed("ta:hma").title]
    train.button(key="picker-add").click().run()
    assert chosen(train)[-1] == "ta:hma:20"
    train.text_input(key="picker-search").set_value("zzz").run()
    assert [box for box in train.info if "'zzz'" in box.value]


def test_an_expert_with_several_outputs_lets_one_be_chosen(train):
    entry(train, category(train, "expert"), "ta:aroon")
    box = train.selectbox(key="picker-output-ta:aroon")
    box.set_value("ta:aroon.aroonu").run()
    train.button(key="picker-add").click().run()
    assert chosen(train)[-1] == "ta:aroon.aroonu:20"


def test_three_transforms_at_most_and_a_wrong_one_is_refused_in_words(train):
    for at, name in enumerate(("diff", "mean", "log")):
        train.selectbox(key=f"picker-step-{at}").set_value(name).run()
    assert not train.exception
    assert len(train.error) == 1 and "logarithm" in train.error[0].value
    assert not [box for box in train.selectbox if box.key == "picker-step-3"]
    assert not [button for button in train.button if button.key == "picker-add"]


def test_clear_and_back_to_the_default_features(app):
    app.button(key="picker-clear").click().run()
    assert chosen(app) == [] and "No feature is chosen" in text(app) and not app.error
    app.button(key="picker-usual").click().run()
    assert chosen(app) == USUAL


def test_what_was_typed_stays_while_another_page_is_open(app):
    picker(app).set_value(["return", "rsi:21|zscore:60"]).run()
    for elsewhere in (True, False):
        app.session_state["elsewhere"] = elsewhere
        app.run()
    assert chosen(app) == ["return", "rsi:21|zscore:60"]


def test_a_text_that_is_no_feature_is_named_and_stays_to_be_corrected(app):
    picker(app).set_value(["return", "nonsense"]).run()
    assert not app.exception
    assert "1 unknown" in text(app) and "'nonsense'" in text(app)
    assert chosen(app) == ["return", "nonsense"]


def test_default_features_follow_the_target_and_a_choice_by_hand_is_kept(app):
    app.session_state["kind"] = "close"
    app.run()
    assert chosen(app) == [f"column:{c}" for c in ("open", "high", "low", "close", "volume")]
    picker(app).set_value(["column:close", "rsi:21"]).run()
    app.session_state["kind"] = "direction"
    app.run()
    assert chosen(app) == ["column:close", "rsi:21"]


def test_another_series_drops_the_features_that_it_lacks_and_says_so(app):
    picker(app).set_value(["rsi:21", "log_range", "weekday"]).run()
    app.session_state["only"] = "<b>load"
    app.run()
    assert not app.exception
    assert chosen(app) == ["rsi:21", "weekday"]
    assert len(dropped(app)) == 1 and "Daily range" in dropped(app)[0]
    picker(app).set_value(["rsi:21"]).run()
    assert not dropped(app)


def test_a_series_for_which_nothing_fits_gets_the_default_features(app):
    picker(app).set_value(["log_range"]).run()
    app.session_state["only"], app.session_state["kind"] = "load", "column"
    app.run()
    assert chosen(app)[:2] == ["column:load", "change:load"] and dropped(app)
