"""The Glossary page: every word has its sentence, and the box finds it."""

from tests.pages.conftest import opened, text
from ui import glossary


def test_every_word_is_explained_in_one_or_two_sentences():
    for term in glossary.TERMS.values():
        assert term.text.endswith(".") and 30 < len(term.text) < 260, term.name
        assert term.text.count(". ") <= 1, term.name


def test_the_words_of_the_screen_are_in_it():
    words = ("skill", "reference", "cutoff", "step", "lookback", "purge", "embargo", "prediction interval", "coverage")
    words += ("calibration", "PIT", "p-value", "backtest", "Shapley value", "SHAP", "verdict", "baseline")
    for word in words:
        found = glossary.search(word)
        assert found and any(word.lower() in (t.name.lower(), *map(str.lower, t.also)) for t in found), word


def test_the_box_finds_a_word_by_its_name_first_and_says_when_there_is_none(idle):
    app = opened("glossary")
    assert len(app.markdown) > 40 and "**Skill**" in text(app)
    app.text_input(key="glossary-search").set_value("interval").run()
    shown = [box.value for box in app.main.markdown if box.value.startswith("**")]
    assert 2 <= len(shown) < 12 and "nterval" in shown[0]
    assert not any(box.value.startswith("**Purge") for box in app.markdown)
    app.text_input(key="glossary-search").set_value("zzz").run()
    assert not app.exception and "'zzz'" in app.info[0].value


def test_tooltips_explain_by_the_same_table(saved):
    helps = {metric.label: metric.help for metric in opened("evaluate").metric}
    assert glossary.explain("p-value") in helps["p-value"]
    assert glossary.explain("skill") in helps["Skill"]
    assert glossary.explain("prediction interval") in helps["90% band covers"]
