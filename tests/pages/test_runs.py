"""The library: one table of all runs, quick for many, whose rows open; who may delete a run."""

import shutil
import time

import pytest

from core.storage import run_files, runs, visitors
from tests.pages.conftest import checked, opened, text, turn, widget_keys
from ui import cache

MANY = 500


def chosen(rows=(), cells=()):
    """The selection of the table as a browser sends it."""
    return {"selection": {"rows": list(rows), "columns": [], "cells": list(cells)}}


def of_nobody():
    """Take from the saved runs the owner that every opened page gives them."""
    shutil.rmtree(cache.RUNS / visitors.FOLDER)


def train(visitor, run):
    recipe = visitors.Recipe(text="")
    visitors.finish_training(visitor, visitors.Training(key=run, recipe=recipe, run=run), cache.RUNS)


def test_a_run_is_a_row_with_its_verdict(saved):
    app = opened("runs")
    table = app.dataframe[0].value
    assert [*table.columns] == ["Date", "Series", "Target", "Ahead", "Model", "Skill", "Verdict", "Yours"]
    (row,) = table.to_dict("records")
    assert (row["Series"], row["Target"], row["Ahead"], row["Model"]) == ("A", "Realised volatility", 5, "LSTM")
    assert row["Skill"] == pytest.approx(saved.evaluation.verdict.skill) and row["Yours"]
    assert row["Verdict"] == [
        {"good": "Evidence of skill", "bad": "No skill"}.get(saved.evaluation.verdict.tone, "No evidence")
    ]
    assert "1 run on this machine" in text(app)


def test_a_click_on_a_row_opens_the_run_and_a_tick_offers_the_rest(saved):
    app = opened("runs", runs=chosen(rows=[0]))
    assert {f"open-{saved.id}", f"drop-{saved.id}"} <= widget_keys(app)
    app = opened("runs", runs=chosen(cells=[[0, "Series"]]))
    assert app.title[0].value == "Forecast" and app.session_state["run"] == saved.id


def test_only_the_owner_deletes_a_run_and_is_asked_once(saved):
    app = opened("runs", visitor=visitors.new_id(), runs=chosen(rows=[0]))
    assert app.button(key=f"drop-{saved.id}").disabled
    assert not app.dataframe[0].value["Yours"][0]
    mine = opened("runs", runs=chosen(rows=[0]))  # of a visitor who trained it too
    mine.button(key=f"drop-{saved.id}").click().run()
    assert len(runs.list_all(cache.RUNS)) == 1
    checked(mine.button(key="delete-for-good").click().run())
    assert runs.list_all(cache.RUNS) == ()


def test_a_run_without_an_owner_is_deleted_by_anybody(saved):
    app = opened("runs", visitor=visitors.new_id())
    of_nobody()
    app.session_state["runs"] = chosen(rows=[0])
    checked(app.run())
    assert not app.button(key=f"drop-{saved.id}").disabled


def test_a_run_that_got_an_owner_meanwhile_stays(saved):
    app = opened("runs", visitor=visitors.new_id())
    of_nobody()
    app.session_state["runs"] = chosen(rows=[0])
    checked(app.run())
    app.button(key=f"drop-{saved.id}").click().run()
    train(visitors.new_id(), saved.id)
    checked(app.button(key="delete-for-good").click().run())
    assert len(runs.list_all(cache.RUNS)) == 1


def test_many_runs_open_in_under_a_second(saved):
    """By the processor time of this process, which no other program lengthens."""
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
    began = time.process_time()
    checked(app.run())
    taken = time.process_time() - began
    assert len(app.dataframe[0].value) == MANY and taken < 1.0
