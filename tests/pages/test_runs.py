"""The library: one table of all runs, quick for many, searched and filtered; marks, and deletion that is undone."""

import shutil
import time
from dataclasses import replace

import pytest

from core.storage import marks, run_files, runs, summaries, visitors
from tests.evaluation.compare.variants import variant
from tests.pages.conftest import checked, errors, opened, press, text, turn, widget_keys
from ui import cache
from ui.library import table

MANY = 500


def chosen(rows=(), cells=()):
    """The selection of the table of all runs, as a browser sends it, by the key of the table."""
    selection = {"selection": {"rows": list(rows), "columns": [], "cells": list(cells)}}
    return {table.key_of(runs.list_all(cache.RUNS)): selection}


def of_nobody():
    """Take from the saved runs the owner that every opened page gives them."""
    shutil.rmtree(cache.RUNS / visitors.FOLDER)


def train(visitor, run):
    recipe = visitors.Recipe(text="")
    visitors.finish_training(visitor, visitors.Training(key=run, recipe=recipe, run=run), cache.RUNS)


def listed():
    return [line.id for line in runs.list_all(cache.RUNS)]


@pytest.fixture
def three(idle, finished):
    """Three runs of which the newest is a good one with marks, the oldest is damaged."""
    verdict = replace(finished.evaluation.verdict, tone="none", text="Some skill, but a simpler model has more: …")
    ties = replace(finished, evaluation=replace(finished.evaluation, verdict=verdict))
    ids = [runs.save(variant(ties, number), cache.RUNS).id for number in range(3)]
    runs.save_marks(ids[2], marks.build(["paper", "a *b*"], "for <b>Kim</b>", star=True), cache.RUNS)
    (cache.RUNS / ids[0] / "run.json").unlink()
    return ids


def test_a_run_is_a_row_with_its_verdict(saved):
    app = opened("runs")
    shown = app.dataframe[0].value
    assert [*shown.columns] == [
        *("Star", "Date", "Series", "Target", "Ahead", "Model", "Window", "Skill", "Interval", "Verdict", "Loss"),
        *("Tags", "Note", "Yours"),
    ]
    (row,) = shown.to_dict("records")
    assert (row["Series"], row["Target"], row["Ahead"], row["Model"]) == ("A", "Realised volatility", 5, "LSTM")
    assert row["Skill"] == pytest.approx(saved.evaluation.verdict.skill) and row["Yours"] and row["Window"] == 10
    assert row["Verdict"] == [saved.evaluation.verdict.text.partition(":")[0]]
    assert len(row["Loss"]) == 3 and "%" in row["Interval"]
    assert "1 run on this machine" in text(app)


def test_the_verdict_of_a_row_is_that_of_the_run(three):
    shown = opened("runs").dataframe[0].value
    assert list(shown["Verdict"]) == [["Some skill, but a simpler model has more"]] * 2 + [["Damaged"]]
    assert list(shown["Star"]) == ["★", "", ""] and list(shown["Tags"][0]) == ["paper", "a *b*"]
    assert shown["Note"][0] == "for <b>Kim</b>"  # a table shows it as it is


def test_a_click_on_a_row_opens_the_run_and_a_tick_offers_the_rest(saved):
    app = opened("runs", **chosen(rows=[0]))
    assert {"open-run", "delete-runs", "star-runs", "compare-runs"} <= widget_keys(app)
    assert app.button(key="compare-runs").disabled
    app = opened("runs", **chosen(cells=[[0, "Series"]]))
    assert app.title[0].value == "Forecast" and app.session_state["run"] == saved.id


@pytest.mark.parametrize(
    ("searched", "count"), [("", 3), ("PAPER", 1), ("kim lstm", 1), ("simpler", 2), ("damaged", 1), ("nothing", 0)]
)
def test_a_search_finds_words_of_a_row(three, searched, count):
    app = opened("runs")
    checked(app.text_input(key="library-search").set_value(searched).run())
    assert len(app.dataframe[0].value if app.dataframe else []) == count
    assert ("No run matches" in text(app)) == (not count)
    assert (f"{count} of 3 runs" in text(app)) == (count in (1, 2))


def test_filters_leave_what_has_a_star_or_a_tag(three):
    app = opened("runs")
    offered = {box.key for box in app.multiselect}
    assert {"library-verdict", "library-tags"} <= offered
    checked(app.multiselect(key="library-tags").set_value(["paper"]).run())
    assert len(app.dataframe[0].value) == 1
    checked(app.multiselect(key="library-tags").set_value([]).run())
    app.session_state["library-only"] = ["Starred"]
    checked(app.run())
    assert len(app.dataframe[0].value) == 1


def test_what_all_runs_share_is_no_filter(idle, finished):
    for number in range(2):
        runs.save(variant(finished, number), cache.RUNS)
    assert not opened("runs").multiselect
    runs.save_marks(listed()[0], marks.build(["paper"]), cache.RUNS)
    assert [box.key for box in opened("runs").multiselect] == ["library-tags"]


def test_a_tick_means_no_other_run_when_the_rows_change(three):
    app = opened("runs", **chosen(rows=[1]))
    assert three[1] in text(app)
    checked(app.text_input(key="library-search").set_value("paper").run())
    assert "open-run" not in widget_keys(app)


def test_two_runs_are_compared(three):
    app = opened("runs", **chosen(rows=[0, 1]))
    assert not app.button(key="compare-runs").disabled
    press(app, "Compare")
    assert app.title[0].value == "Compare" and app.query_params["runs"] == f"{three[2]},{three[1]}"


def test_marks_are_saved_and_escaped(three):
    app = opened("runs", **chosen(rows=[0]))
    app.text_input(key=f"note-{three[2]}").set_value("x" * 400 + "\n<script>")
    app.multiselect(key=f"tags-{three[2]}").set_value(["paper"])
    press(app, "Save")
    saved = runs.summarize(three[2], cache.RUNS).marks
    assert saved == marks.build(["paper"], "x" * 400 + " <script>", star=True)
    press(app, "Remove star")
    assert not runs.summarize(three[2], cache.RUNS).marks.star


def test_several_runs_are_deleted_and_restored(three):
    app = opened("runs", **chosen(rows=[0, 1, 2]))
    press(app, "Delete")
    assert listed() == [] and "3 runs deleted; they can be restored for 7 days." in text(app)
    press(app, "Undo")
    assert listed() == three[::-1] and "deleted" not in text(app)
    assert runs.summarize(three[2], cache.RUNS).marks.star


def test_only_the_owner_deletes_or_marks_a_run(saved):
    app = opened("runs", visitor=visitors.new_id(), **chosen(rows=[0]))
    mine = opened("runs", **chosen(rows=[0]))  # of a visitor who trained it too
    checked(app.run())
    assert app.button(key="delete-runs").disabled and app.button(key="star-runs").disabled
    assert app.text_input(key=f"note-{saved.id}").disabled and not app.dataframe[0].value["Yours"][0]
    press(mine, "Delete")
    assert listed() == []


def test_of_several_runs_those_of_others_stay(three):
    app = opened("runs", visitor="me", **chosen(rows=[0, 1]))
    of_nobody()
    train("me", three[2])
    train(visitors.new_id(), three[1])
    checked(app.run())
    assert "1 of them stay" in app.button(key="delete-runs").help
    press(app, "Delete")
    assert listed() == [three[1], three[0]]


def test_a_run_that_got_an_owner_meanwhile_stays(saved):
    app = opened("runs", visitor=visitors.new_id())
    of_nobody()
    for name, value in chosen(rows=[0]).items():
        app.session_state[name] = value
    checked(app.run())
    assert not app.button(key="delete-runs").disabled
    train(visitors.new_id(), saved.id)
    press(app, "Delete")
    assert listed() == [saved.id]


def test_a_run_that_cannot_be_restored_is_named(saved):
    app = press(opened("runs", **chosen(rows=[0])), "Delete")
    shutil.rmtree(cache.RUNS / ".deleted")
    assert "1 run could not be restored" in errors(press(app, "Undo"))[0]


def test_many_runs_open_in_under_a_second(saved):
    """By the processor time of this process, the least of three: also in a new process. A neighbour on the same core
    lengthens it, too."""
    source = cache.RUNS / saved.id
    for number in range(MANY - 1):
        copy = cache.RUNS / f"20200101-{number // 60:02d}{number % 60:02d}00-0000abcd"
        copy.mkdir()
        for name in run_files.FILES:
            if name.endswith(".json"):
                shutil.copy(source / name, copy)
            else:
                (copy / name).touch()
    app = opened("", visitor=visitors.new_id(), run=saved.id)
    turn(app, "runs")  # what every page loads once
    for known in (summaries._known.copy(), {}):
        taken = []
        for _ in range(3):
            summaries._known.clear()
            summaries._known.update(known)
            began = time.process_time()
            checked(app.run())
            taken.append(time.process_time() - began)
            assert len(app.dataframe[0].value) == MANY
        assert min(taken) < 1.0
