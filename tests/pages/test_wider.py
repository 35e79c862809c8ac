"""The wider look on the Explain page: nothing before it is asked for, each view with its label and its sentence."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.explain import overview
from core.jobs.local import run
from core.spec import with_values
from core.storage import runs
from tests.pages.conftest import opened
from tests.pages.test_importance_methods import NOTHING, plain, spoken  # noqa: F401
from ui import cache


def alone():
    """The wider look without the rest of the page, which takes most of its time."""

    def script():
        import streamlit as st

        from ui import charts as show
        from ui.explain import overview

        run = show.current_run()
        overview.draw(run, show.step_of(run, "step"), st.toggle("By family of features", key="by-family"))

    app = AppTest.from_function(script, default_timeout=60).run()
    assert not app.exception
    return app


def look(app, chosen):
    app.button_group(key="wider").set_value(chosen).run()
    assert not app.exception
    return app


def charts(app):
    return len(app.get("plotly_chart"))


def test_one_job_serves_time_regimes_and_width(spoken, queue):  # noqa: F811
    saved = spoken("none")
    app = opened("explain")
    before, labels = charts(app), plain(app).count(NOTHING)
    look(app, "time")
    assert charts(app) == before and plain(app).count(NOTHING) == labels + 1 and not queue.titles
    app = look(alone(), "time")
    app.button(key="kept-wider").click().run()
    assert not app.exception and [*queue.titles.values()] == [overview.compute] and charts(app) == 1
    assert "evenly spaced over all parts" in plain(app) and "The model was trained on 2015" in plain(app)
    assert "in stormy times" in plain(look(app, "regime"))
    assert "moves the width of the 90% band most" in plain(look(app, "width")) and "own 90% band" in plain(app)
    app.toggle(key="by-family").set_value(True).run()
    assert not app.exception and charts(app) == 1
    families = runs.load_record(saved.id, "wider", overview.Overview, cache.RUNS).families.features
    assert any(f"{family} moves the width" in plain(app) for family in families)


def test_views_of_the_explanation_need_no_job(spoken, queue):  # noqa: F811
    spoken("good")
    app = alone()
    assert "The run forecasts one step" in plain(look(app, "step"))
    assert "Colour shows" in plain(look(app, "value")) and NOTHING not in plain(app)
    feature, other = app.selectbox(key="value-of"), app.selectbox(key="value-by")
    other.set_value(feature.options[1]).run()
    assert not app.exception and f"Colour shows {feature.options[1]}" in plain(app)
    app.selectbox(key="value-of").set_value(feature.options[1]).run()  # which cannot colour itself
    assert not app.exception and app.selectbox(key="value-by").value == "the strongest interaction"
    assert "of the whole map" in plain(look(app, "lag")) and charts(app) == 1
    app.toggle(key="by-family").set_value(True).run()
    assert "A family's cell is the sum" in plain(app) and not queue.titles
    assert "always by feature" in plain(look(app, "value"))


def test_an_older_run_gets_its_cells_by_a_click(idle, finished, queue):
    runs.save(replace(finished, explanation=replace(finished.explanation, by_cell_LF=None)), cache.RUNS)
    app = look(alone(), "lag")
    assert "does not hold features and lags together" in plain(app)
    app.button(key="kept-cells").click().run()
    assert not app.exception and [*queue.titles.values()] == [overview.compute_feature_lags] and charts(app) == 1
    assert "of the whole map" in plain(app)


def test_what_was_kept_and_cannot_be_read_says_so(spoken, queue):  # noqa: F811
    saved = spoken("good")
    runs.save_record(saved.id, "wider", {"symbol": "A", "features": 3}, cache.RUNS)
    app = look(alone(), "time")
    assert "wider.json cannot be read" in plain(app) and "kept-wider" in [button.key for button in app.button]


@pytest.mark.parametrize(
    ("values", "says"),
    [({"model.head": "point"}, "one number a step"), ({"bands.method": "split"}, "(split) has another width")],
)
def test_the_band_that_is_not_the_networks_own(idle, finished, queue, values, says):
    saved = runs.save(replace(finished, spec=with_values(finished.spec, values)), cache.RUNS)
    if "model.head" not in values:
        made = run(overview.compute(saved), lambda event: None)
        runs.save_record(saved.id, "wider", made, cache.RUNS)
    assert says in plain(look(alone(), "width"))


def test_a_run_without_an_explanation_says_how_to_make_one(idle, finished, queue):
    runs.save(replace(finished, explanation=None), cache.RUNS)
    app = alone()
    for view in ("step", "value"):
        assert "needs the explanation of the run" in plain(look(app, view))
    assert "kept-cells" in [button.key for button in look(app, "lag").button]
