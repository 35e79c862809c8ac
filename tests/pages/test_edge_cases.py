"""Runs of one feature, of a constant one, of more than sixty, of unequal networks, and runs whose data are gone: every
view of an explanation, its jobs and the command line work, or say why not."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core import __main__ as cli
from core.explain import compare_methods, reliability
from core.jobs.local import run
from core.storage import runs
from tests.pages.conftest import ROOT, captions, checked, errors, owner, text, turn
from tests.pages.test_badge import PAGES, TINY
from ui import cache, names

MANY, FEW = 64, 8  # features, and windows that are explained
CASES = {"one": ["column:load"], "constant": ["column:still"], "many": [f"column:c{i}" for i in range(MANY)]}
CASES["unequal"] = CASES["one"]
OWN = ("model.hidden=6 model.dropout=0.1", "model.layers=2 model.pooling=mean")  # of two networks
JOBS = {
    "trust": reliability.compute,
    "noise": reliability.compute_noise_probe,
    "agreement-features": compare_methods.compute,
}


@pytest.fixture(scope="module")
def trained(train_run, recipe):
    """The name of a case → its finished run, of a series whose source is a file that is gone."""
    rng = np.random.default_rng(3)
    x_TC = rng.normal(size=(160, MANY))
    table = pd.DataFrame(
        x_TC, columns=[f"c{i}" for i in range(MANY)], index=pd.bdate_range("2015-01-01", periods=160, name="time")
    )
    table = table.assign(still=1.0, load=10 + np.concatenate([[0.0], x_TC[:-1, 0]]))
    finished = {}

    def train(name):
        if name not in finished:
            spec = recipe(
                **TINY,
                data__source="file",
                target__column="load",
                train__epochs=2,
                model__hidden=4,
                features=CASES[name],
                **({"train__ensemble": 2, "train__member_settings": OWN} if name == "unequal" else {}),
            )
            finished[name] = train_run(spec, A=table)
        return finished[name]

    with pytest.MonkeyPatch.context() as patch:
        for name in (
            "core.explain.explainer.WINDOWS",
            "core.explain.reliability.WINDOWS",
            "core.explain.reliability.PROBE_WINDOWS",
            "core.explain.compare_methods.ERROR_WINDOWS",
            "core.explain.compare_methods.CONTRIBUTION_WINDOWS",
        ):
            patch.setattr(name, FEW)
        patch.setattr("core.explain.reliability.BACKGROUNDS", 2)
        yield train


def complete(finished):
    """The run where the pages look, with the results of its jobs."""
    saved = runs.save(finished, cache.RUNS)
    for name, work in JOBS.items():
        runs.save_record(saved.id, name, run(work(saved), lambda event: None), cache.RUNS)
    return saved


def app_at(page, run_id=None):
    """The app on this page, its first, not yet run."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.session_state["visitor"] = owner()
    if run_id:
        app.session_state["run"] = run_id
    return app.switch_page(f"pages/{page}.py")


def tour(*pages, local):
    """Words and captions of these pages, the Explain page with each of these local views; no error on any."""
    app, words, charts = app_at(pages[0]), {}, {}
    for page in pages:
        for view in local if page == "explain" else (page,):
            if view != page:
                app.session_state["local"] = view
            turn(app, page)
            assert not errors(app), (page, errors(app))
            words[page] = words[view] = text(app)
            charts |= captions(app)
    return words, charts


def command(*arguments):
    """What a command prints: JSON, or an error."""
    out, problem = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(problem):
        code = cli.main([*arguments, "--runs", str(cache.RUNS), "--json"])
    return (json.loads(out.getvalue()), "") if code == 0 else (None, problem.getvalue())


def explain(saved, *methods):
    for method in methods:
        answer, problem = command("explain", saved.id, "--method", method)
        assert problem == "" and {*answer["importance"]} == {*saved.spec.features}
        assert all(np.isfinite(list(answer["importance"].values()))), method


def test_one_feature(queue, trained):
    saved = complete(trained("one"))
    words, charts = tour("explain", "importance_methods", "scenario", local=("window",))
    assert {"importance", "reliability-deletion", "methods", "scenario", "partial"} <= {*charts}
    assert "methods-ranks" not in charts  # one feature has no ranks
    assert "of 2 (median; " in words["explain"] and "1 training" in words["importance_methods"]
    explain(saved, "permutation", "exact", "gradients", "ablation", "lightgbm")


def test_networks_with_settings_of_their_own(queue, trained):
    saved = complete(trained("unequal"))
    words, charts = tour(*PAGES, local=("revision", "similar", "window"))
    assert {"importance", "waterfall", "window-cells", "reliability-deletion", "methods"} <= {*charts}
    assert "forget gate" in words["network"]
    explain(saved, "permutation", "exact", "gradients")


def test_a_feature_that_never_changes(queue, trained):
    saved = complete(trained("constant"))
    words, charts = tour(*PAGES, local=("revision", "similar", "window"))
    assert {"importance", "waterfall", "revision", "similar", "window-cells", "reliability-deletion"} <= {*charts}
    assert f"{names.feature('column:still')} moves the forecast no more than noise does" in words["explain"]
    assert "zero" in charts["importance"]
    assert "still" in charts["partial"] and "forget gate" in words["network"]
    explain(saved, "permutation", "gradients")


def test_more_than_sixty_features(queue, trained):
    saved = complete(trained("many"))
    words, charts = tour(*PAGES, local=("revision", "window"))
    assert "44" in charts["importance"]  # features that are not drawn
    assert "14" in charts["beeswarm"] or "50" in charts["beeswarm"]  # drawn, or not drawn
    assert " of 65 (median; " in words["explain"] and "The check takes about" in words["explain"]
    assert "64 trainings" in words["importance_methods"]
    assert "20" in charts["methods"] or "44" in charts["methods"]
    assert "window-cells" in charts
    explain(saved, "gradients")
    _, problem = command("explain", saved.id, "--method", "exact")
    assert "64 features" in problem and "permutation" in problem


@pytest.mark.parametrize("content", [None, b"PAR1"])
def test_a_run_whose_data_are_gone_says_so_everywhere(queue, trained, content):
    saved = runs.save(trained("one"), cache.RUNS)
    path = cache.RUNS / saved.id / "data.parquet"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    says = "data.parquet" if content is None else saved.id
    app = app_at(PAGES[0], saved.id)
    for page in PAGES:
        turn(app, page)
        assert says in errors(app)[0], page
    _, problem = command("explain", saved.id)
    assert says in problem and len(problem.splitlines()) == 1


def test_a_run_that_lost_some_of_its_rows_is_refused(queue, trained):
    saved = runs.save(trained("one"), cache.RUNS)
    path = cache.RUNS / saved.id / "data.parquet"
    pd.read_parquet(path).iloc[:-1].to_parquet(path, index=False)
    app = app_at("network")
    for page in ("network", "scenario"):
        turn(app, page)
        assert "data.parquet" in errors(app)[0]
    assert "data.parquet" in command("explain", saved.id)[1]


def test_a_run_that_lost_half_of_its_explanation_is_refused(queue, trained):
    saved = runs.save(trained("one"), cache.RUNS)
    (cache.RUNS / saved.id / "explanation.parquet").unlink()
    assert "explanation.parquet" in errors(checked(app_at("explain").run()))[0]
    assert "explanation.parquet" in command("explain", saved.id)[1]
