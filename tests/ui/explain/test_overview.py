"""The overview on the Explain page: nothing is computed before it is chosen; each view has its badge and caption."""

from dataclasses import replace

from streamlit.testing.v1 import AppTest

from core.explain import overview, reliability
from core.jobs.local import run
from core.spec import with_values
from core.storage import runs
from tests.pages.conftest import captions, checked, errors, opened, owner, text, widget_keys
from tests.pages.test_importance_methods import judged  # noqa: F401
from ui import cache, names
from ui.verdict import NO_SKILL


def alone():
    """The overview without the rest of the page, which takes most of its time."""

    def script():
        from ui import cache, session, widgets
        from ui.explain import importance, overview

        run = cache.run(session.run_id())
        overview.draw(run, widgets.choose_step(run), importance.choose_families(run))

    app = AppTest.from_function(script, default_timeout=60)
    app.session_state["visitor"] = owner()
    return checked(app.run())


def look(app, view):
    app.button_group(key="overview").set_value(view).run()
    return checked(app)


def test_one_job_serves_time_volatility_and_width(judged, queue):  # noqa: F811
    saved = judged("none")
    app = opened("explain")
    before, badges = {*captions(app)}, text(app).count(NO_SKILL)
    look(app, "time")
    assert {*captions(app)} == before and text(app).count(NO_SKILL) == badges + 1
    assert [*queue.work.values()] == [reliability.compute]  # quick, and no part of the overview
    queue.work.clear()
    app = look(alone(), "time")
    app.button(key="compute-wider").click().run()
    assert not app.exception and [*queue.work.values()] == [overview.compute]
    assert {*captions(app)} == {"overview-time"}
    assert "evenly spaced over all splits" in text(app) and "2015" in captions(app)["overview-time"]
    assert {*captions(look(app, "regime"))} == {"overview-regime"}
    assert "90%" in captions(look(app, "width"))["overview-width"] and "own 90% band" in text(app)
    app.toggle(key="by-family").set_value(True).run()
    assert not app.exception
    families = runs.load_record(saved.id, "wider", overview.Overview, cache.RUNS).families.features
    assert any(family in captions(app)["overview-width"] for family in families)


def test_views_of_the_explanation_need_no_job(judged, queue):  # noqa: F811
    judged("good")
    app = alone()
    look(app, "step")
    assert not captions(app) and len(app.info) == 1  # the run forecasts one step
    look(app, "value")
    assert {*captions(app)} == {"overview-value"} and NO_SKILL not in text(app)
    names_of = {names.feature(code): code for code in cache.run(cache.summaries()[0].id).spec.features}
    second = names_of[app.selectbox(key="value-of").options[1]]
    before = captions(app)["overview-value"]
    app.selectbox(key="value-by").set_value(second).run()
    assert not app.exception and captions(app)["overview-value"] != before
    app.selectbox(key="value-of").set_value(second).run()  # which cannot colour itself
    assert not app.exception and app.selectbox(key="value-by").value == "the strongest interaction"
    assert {*captions(look(app, "lag"))} == {"overview-lag"}
    app.toggle(key="by-family").set_value(True).run()
    assert "A family's cell is the sum" in text(app) and not queue.work
    assert "always by feature" in text(look(app, "value"))


def test_an_older_run_gets_its_attributions_when_they_are_chosen(idle, finished, queue):
    runs.save(replace(finished, explanation=replace(finished.explanation, by_cell_LF=None)), cache.RUNS)
    app = look(alone(), "lag")
    assert [*queue.work.values()] == [overview.compute_feature_lags]
    assert {*captions(app)} == {"overview-lag"}


def test_a_record_that_cannot_be_read_is_named(judged, queue):  # noqa: F811
    saved = judged("good")
    runs.save_record(saved.id, "wider", {"symbol": "A", "features": 3}, cache.RUNS)
    app = look(alone(), "time")
    assert "wider.json" in errors(app)[0] and "compute-wider" in widget_keys(app)


def test_a_network_without_a_band_of_its_own_has_no_width(idle, finished, queue):
    runs.save(replace(finished, spec=with_values(finished.spec, {"model.head": "point"})), cache.RUNS)
    app = look(alone(), "width")
    assert len(app.info) == 1 and "compute-wider" not in widget_keys(app)


def test_the_band_that_is_drawn_may_be_another_than_the_networks_own(idle, finished, queue):
    saved = runs.save(replace(finished, spec=with_values(finished.spec, {"bands.method": "split"})), cache.RUNS)
    runs.save_record(saved.id, "wider", run(overview.compute(saved), lambda event: None), cache.RUNS)
    assert "(split) has another width" in text(look(alone(), "width"))


def test_a_run_without_an_explanation_says_what_to_do(idle, finished, queue):
    runs.save(replace(finished, explanation=None), cache.RUNS)
    app = alone()
    for view in ("step", "value"):
        words = text(look(app, view))
        assert "Train it again to have one" in words and "python -m" not in words
    assert {*captions(look(app, "lag"))} == {"overview-lag"} and len(queue.work) == 1
