"""The Compare page: from the address or the table to a sentence, charts and what differs; and what it refuses."""

import pytest

from core.language import use
from core.storage import experiment_log, runs
from tests.evaluation.compare.variants import variant
from tests.pages.conftest import captions, checked, errors, opened, text, turn
from tests.pages.drawn import english
from ui import cache, language
from ui.compare import choice

CHARTS = {
    "compare-forecasts",
    "compare-pairs",
    "compare-Validation loss",
    "compare-Prediction intervals",
    "compare-importances",
}


@pytest.fixture
def three(idle, finished):
    """Three runs of one target, two in the log, and one of another target."""
    kept = [runs.save(variant(finished, number, 0.2 * number, seed=number), cache.RUNS) for number in range(3)]
    for run in kept[:2]:
        experiment_log.add(run, cache.RUNS)
    runs.save(variant(finished, 9, target__horizon=6), cache.RUNS)
    return [run.id for run in kept]


def at(*ids, **session):
    """The page at the address with these runs."""
    app = opened("", **session)
    app.query_params["runs"] = ",".join(ids)
    return checked(turn(app, "compare"))


def test_without_two_runs_there_is_an_example(saved):
    assert "there are not that many yet" in text(opened("compare"))


def test_without_a_choice_the_page_says_how_to_choose(three):
    app = opened("compare")
    assert "Choose two to four runs in the box" in text(app) and not captions(app)
    assert not app.query_params.get("runs")


def test_two_runs_are_a_sentence_and_five_charts(three):
    app = at(*three[:2])
    assert {*captions(app)} == CHARTS
    (sentence,) = [box.value for box in (*app.success, *app.warning) if box.icon == ":material/compare_arrows:"]
    assert "shared cutoffs" in sentence and "correction" not in sentence
    scores, recipe = (table.value for table in app.dataframe)
    assert list(scores["Model"]) == ["LSTM", "LSTM"] and {"RMSE", "Coverage", "Verdict"} <= {*scores.columns}
    assert recipe.to_dict("records") == [{"Setting": "Seed", "A · LSTM": "0", "B · LSTM": "1"}]
    assert "another look at the same test period" in text(app)
    assert "test period of A was evaluated 2 times" in text(app)


def test_the_box_changes_the_address_and_offers_what_can_be_compared(three):
    app = at(*three[:2])
    box = app.multiselect(key=choice.KEY)
    assert len(box.options) == 3  # not the run of another horizon
    checked(box.set_value(three).run())
    assert app.query_params["runs"] == ",".join(three)
    assert "after correction for 3 comparisons" in text(app)
    checked(app.multiselect(key=choice.KEY).set_value(three[1:]).run())
    assert app.query_params["runs"] == ",".join(three[1:])


def test_the_comparison_is_still_there_after_a_look_at_another_page(three):
    app = turn(at(*three[:2]), "glossary")
    assert {*captions(turn(app, "compare"))} == CHARTS


@pytest.mark.parametrize("name", ["../../etc/passwd", "20200101-999999-0123abcd", "<b>x</b>"])
def test_an_address_with_what_is_no_run_is_refused(three, name):
    (problem,) = errors(at(three[0], name))
    assert "which is no run of this machine" in problem and name[:40] in problem


def test_runs_of_different_targets_are_refused_with_advice(three):
    other = next(line.id for line in runs.list_all(cache.RUNS) if line.horizon == 6)
    (problem,) = errors(at(three[0], other))
    assert "target.horizon is 5" in problem


def test_the_page_in_korean(three, monkeypatch):
    monkeypatch.setattr(language, "_of_browser", lambda: "ko-KR")
    with use("ko"):
        app = at(*three)
        assert english(app) == []
        assert english(opened("compare")) == []
