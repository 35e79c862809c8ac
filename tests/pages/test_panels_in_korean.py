"""The panels that explain and judge a run, in Korean: no English sentence is left in what they draw."""

import json
import re

import pytest
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.testing.v1 import AppTest

from core.charts.evaluation import equity
from core.charts.evaluation import experiments as dots
from core.evaluation.backtest.plan import Plan
from core.evaluation.experiments.record import group_by_task
from core.evaluation.trading import comparison, positions
from core.language import shown, use
from core.storage import experiment_log
from tests.language.test_catalogue import NAMES
from tests.pages.conftest import checked, elements
from ui import cache, charts, names
from ui.evaluate import all_scores, backtest, experiments, residuals, strategy, time_travel
from ui.explain import cell, importance, local, methods, overview, reliability, scenario, structure

LONGER = ("compute-wider", "compute-noise")
ENGLISH = re.compile(r"[A-Za-z][a-z]+(?: [a-z]+){2,}")


def last_step(run):
    return int(run.forecast["step"].max())


def draw_local(view):
    def draw(run):
        st.session_state.setdefault("local", view)
        local.draw(run, last_step(run), False)

    return draw


def draw_overview(view, by_family):
    def draw(run):
        st.session_state.setdefault("overview", view)
        overview.draw(run, last_step(run), by_family)

    return draw


def draw_network(run):
    structure.draw(run)
    inspection, layer = cell.choose(run)
    cell.draw_heat_maps(run, inspection, layer)
    cell.draw_forgetting(run, inspection, layer)
    cell.draw_steps(run, inspection, layer)
    cell.draw_memory(run, inspection.symbol)
    cell.draw_gradient_norms(run)


def draw_scenario(run):
    context = scenario.load(run, "A")
    st.session_state.setdefault(f"move-{next(iter(run.explanation.importance))}", 4.0)
    st.session_state.setdefault("newest", 3)
    st.session_state.setdefault("repeat", True)
    scenario.draw_missing(run, context)
    scenario.draw(run, context)
    scenario.draw_dependence(run, context)


def draw_scores(run):
    _, errors = residuals.compute_by_step(run, "A")
    st.caption(errors.caption)
    residuals.draw(run, "A", last_step(run))
    time_travel.draw(run, "A", last_step(run))
    all_scores.draw(names.evaluation(run))


def draw_experiments(run):
    experiment_log.add(run, cache.RUNS)
    experiments.draw_line(run)
    (task,) = group_by_task(experiments.read().evaluations)
    st.caption(experiments.title(task.key))
    found = experiments.compare(task)
    experiments.draw_conclusion(task, found)
    experiments.draw_leaderboard(task, found, dots.compute(task, found, frozenset()))


def draw_trading(run):
    rules, tried = strategy.choose_rules(run, experiments.count_traded(run).count)
    book = positions.build_book(run, rules, last_step(run))
    chart = equity.compute(book, experiments=tried)
    strategy.draw_verdict(run, comparison.compare(book))
    strategy.draw_table(chart)
    strategy.draw_metrics(chart, book)
    st.caption(strategy.describe(run, book))


def draw_backtest(run):
    plan = backtest.choose_plan()
    backtest.draw_timeline(run.spec, run.frame, Plan(folds=2, stride=60, window=plan.window))


PANELS = {
    "importance": lambda run: importance.draw(run, last_step(run), "bars", importance.choose_families(run)),
    **{f"local: {view}": draw_local(view) for view in local.VIEWS},
    **{f"overview: {view}": draw_overview(view, view == "lag") for view in overview.VIEWS},
    "methods": lambda run: methods.draw(run, True),
    "reliability": reliability.draw,
    "reliability in a line": reliability.draw_line,
    "network": draw_network,
    "scenario": draw_scenario,
    "scores": draw_scores,
    "experiments": draw_experiments,
    "trading": draw_trading,
    "backtest": draw_backtest,
}


def script(panel, run_id):
    """What AppTest runs: one panel by itself, for a visitor who reads Korean."""
    from tests.pages.test_panels_in_korean import PANELS
    from ui import cache, language

    language.use()
    PANELS[panel](cache.run(run_id))


def strings(node):
    """Every string in a message of Streamlit or in the JSON of a figure."""
    if isinstance(node, str):
        yield from strings(json.loads(node)) if node.startswith("{") else (node,)
    elif isinstance(node, dict):
        for value in node.values():
            yield from strings(value)
    elif hasattr(node, "ListFields"):
        for _, value in node.ListFields():
            yield from strings(value)
    elif hasattr(node, "__iter__") and not isinstance(node, bytes):
        for value in node:
            yield from strings(value)


def drawn(block):
    """Every string in a block: of the elements, of the blocks in it, and the columns of tables."""
    for child in block.children.values():
        yield from strings(getattr(child, "proto", None))
        if hasattr(child, "children"):
            yield from drawn(child)


@pytest.fixture
def alone(monkeypatch):
    """Panels without the links to pages and the menus under charts, which are not theirs."""
    monkeypatch.setattr(charts, "_caption", lambda figure, caption, key: st.caption(shown(caption)))
    monkeypatch.setattr(st, "page_link", lambda page, label="", **rest: st.caption(label))
    monkeypatch.setattr(DeltaGenerator, "page_link", lambda self, page, label="", **rest: self.caption(label))


@pytest.mark.usefixtures("queue", "alone")
@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_has_no_english_sentence(panel, finished):
    from core.storage import runs

    run = runs.save(finished, cache.RUNS)
    app = AppTest.from_function(script, kwargs={"panel": panel, "run_id": run.id}, default_timeout=60)
    app.session_state["language"] = "ko"
    with use("ko"):
        checked(app.run())
        for button in [button for button in app.button if button.key in LONGER]:  # what takes a click to be computed
            checked(button.click().run())
    said = [*drawn(app.main)]
    said += [
        str(name) for element in elements(app.main) if element.type == "arrow_data_frame" for name in element.value
    ]
    assert any("가" <= letter <= "힣" for words in said for letter in words)
    assert [words for words in said if ENGLISH.search(NAMES.sub("", words))] == []
