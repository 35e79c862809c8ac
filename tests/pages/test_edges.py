"""Runs of one feature, of a constant one, of more than sixty, and runs whose data are gone: every view of an
explanation, its jobs and the command line work, or say why not."""

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
from tests.pages.conftest import ROOT, text
from tests.pages.test_labels import PAGES, TINY, refusals
from ui import cache

MANY, FEW = 64, 8  # features, and windows that are explained
CASES = {"one": ["column:load"], "constant": ["column:still"], "many": [f"column:c{i}" for i in range(MANY)]}
JOBS = {
    "trust": reliability.compute,
    "noise": reliability.compute_noise_probe,
    "agreement-features": compare_methods.compute,
}


@pytest.fixture(scope="module")
def trained(train_run, recipe):
    """The name of a case → its finished run, of a series whose source is a file that is not there any more."""
    rng = np.random.default_rng(3)
    x_TC = rng.normal(size=(160, MANY))
    table = pd.DataFrame(
        x_TC, columns=[f"c{i}" for i in range(MANY)], index=pd.bdate_range("2015-01-01", periods=160, name="time")
    )
    table = table.assign(still=1.0, load=10 + np.concatenate([[0.0], x_TC[:-1, 0]]))
    made = {}

    def make(name):
        if name not in made:
            spec = recipe(
                **TINY,
                data__source="file",
                target__column="load",
                train__epochs=2,
                model__hidden=4,
                features=CASES[name],
            )
            made[name] = train_run(spec, A=table)
        return made[name]

    with pytest.MonkeyPatch.context() as patch:
        for where in (
            "core.pipeline.EXPLAINED",
            "core.explain.reliability.WINDOWS",
            "core.explain.reliability.PROBE_WINDOWS",
            "core.explain.compare_methods.ERROR_WINDOWS",
            "core.explain.compare_methods.CONTRIBUTION_WINDOWS",
        ):
            patch.setattr(where, FEW)
        patch.setattr("core.explain.reliability.BACKGROUNDS", 2)
        yield make


def kept(finished):
    """The run where the pages look, with what its jobs find."""
    saved = runs.save(finished, cache.RUNS)
    for name, work in JOBS.items():
        runs.save_record(saved.id, name, run(work(saved), lambda event: None), cache.RUNS)
    return saved


def at(page, run_id=None):
    """The app on this page, its first."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    if run_id:
        app.session_state["run"] = run_id
    return app.switch_page(f"pages/{page}.py")


def walked(*pages, closer):
    """What these pages say without an exception or a refusal, with these closer looks at a day."""
    app, said = at(pages[0]), {}
    for page in pages:
        for view in closer if page == "explain" else (page,):
            if view != page:
                app.session_state["closer"] = view
            app.switch_page(f"pages/{page}.py").run()
            assert not app.exception and not refusals(app), (page, app.exception, refusals(app))
            said[page] = said[view] = text(app).replace("\\", "")
    return said


def told(*arguments):
    """What a command prints: JSON where it goes well, an error where it does not."""
    out, problem = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(problem):
        code = cli.main([*arguments, "--runs", str(cache.RUNS), "--json"])
    return (json.loads(out.getvalue()), "") if code == 0 else (None, problem.getvalue())


def explained(saved, *methods):
    for method in methods:
        found, problem = told("explain", saved.id, "--method", method)
        assert problem == "" and {*found["importance"]} == {*saved.spec.features}
        assert all(np.isfinite(list(found["importance"].values()))), method


def test_one_feature(queue, trained):
    saved = kept(trained("one"))
    said = walked("explain", "importance_methods", "scenario", closer=("window",))
    assert "column:load alone moves the forecast: by" in said["explain"]
    assert "There is one feature, so there is no order to check." in said["explain"] and "of 2: " in said["explain"]
    assert "There is one feature, column:load, so there is nothing to rank." in said["importance_methods"]
    assert "1 training like" in said["importance_methods"] and "the mean forecast" in said["scenario"]
    explained(saved, "permutation", "exact", "gradients", "ablation", "lightgbm")


def test_a_feature_that_never_changes(queue, trained):
    saved = kept(trained("constant"))
    said = walked(*PAGES, closer=("since", "similar", "window"))
    assert "No feature moves the forecast: all contributions are zero" in said["explain"]
    assert "No feature moves a forecast, 1 session ahead." in said["explain"]
    assert "The forecasts do not change whatever is taken away" in said["explain"]
    assert "column:still moves the forecast no more than noise does" in said["explain"]
    assert "no feature moves it." in said["explain"] and "No cell of the window moves" in said["window"]
    assert "last value" in said["since"] and "are the same as the window of" in said["similar"]
    assert "column:still is 1 throughout the training part: there is no other value to try." in said["scenario"]
    assert "there is nothing to rank" in said["importance_methods"] and "forget gate is" in said["network"]
    explained(saved, "permutation", "gradients")


def test_more_than_sixty_features(queue, trained):
    saved = kept(trained("many"))
    said = walked(*PAGES, closer=("since", "window"))
    assert "44 others that move it less are not drawn; together they are" in said["explain"]
    assert "The 14 features that matter most are drawn, of 64." in said["explain"]
    assert " of 65: " in said["explain"] and "The check takes about" in said["explain"]
    assert (
        "64 trainings like" in said["importance_methods"]
        and "The first 20 of 64 features" in said["importance_methods"]
    )
    assert "lies in what is not drawn." in said["window"]
    explained(saved, "gradients")
    _, problem = told("explain", saved.id, "--method", "exact")
    assert "Exact Shapley values of 64 features" in problem and "permutation method" in problem


@pytest.mark.parametrize(
    ("content", "says"), [(None, "its file data.parquet is missing"), (b"PAR1", "is damaged and cannot be opened")]
)
def test_a_run_whose_data_are_gone_says_so_everywhere(queue, trained, content, says):
    saved = runs.save(trained("one"), cache.RUNS)
    path = cache.RUNS / saved.id / "data.parquet"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    app = at(PAGES[0], saved.id)
    for page in PAGES:
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception and says in refusals(app)[0].replace("\\", ""), page
    _, problem = told("explain", saved.id)
    assert says in problem and len(problem.splitlines()) == 1


def test_a_run_that_lost_some_of_its_rows_is_refused_by_name(queue, trained):
    saved = runs.save(trained("one"), cache.RUNS)
    path = cache.RUNS / saved.id / "data.parquet"
    pd.read_parquet(path).iloc[:-1].to_parquet(path, index=False)
    app = at("network")
    for page in ("network", "scenario"):
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception and "data.parquet does not hold the data" in refusals(app)[0]
    assert "data.parquet does not hold the data" in told("explain", saved.id)[1]


def test_a_run_that_lost_its_explanation_says_how_to_get_one(queue, trained):
    saved = runs.save(trained("one"), cache.RUNS)
    (cache.RUNS / saved.id / "explanation.parquet").unlink()
    app = at("explain").run()
    assert not app.exception and f"python -m core explain {saved.id}" in text(app).replace("\\", "")
    assert "Which features matter" not in [heading.value for heading in app.subheader]
