"""The local explanation of one forecast: each view with its chart, computed by a worker and kept with the run."""

from core.errors import RunError
from core.storage import runs
from tests.pages.conftest import captions, errors, opened, press, text
from ui import cache
from ui.verdict import NO_SKILL


def choose(app, view):
    app.button_group(key="local").set_value(view).run()
    assert not app.exception
    return app


def test_every_view_has_its_charts_and_the_badge(queue, finished):
    runs.save(finished, cache.RUNS)
    app = opened("explain")
    before = {*captions(app)}
    for view, charts in (
        ("revision", {"revision"}),
        ("window", {"window-cells"}),
        ("segments", {"segments", "segment-features"}),
        ("similar", {"similar"}),
    ):
        assert {*captions(choose(app, view))} == before | charts
        assert NO_SKILL in text(app)


def test_a_local_explanation_is_kept_with_the_run(queue, finished):
    runs.save(finished, cache.RUNS)
    choose(opened("explain"), "segments")
    assert queue.work and not queue.results  # saved, and no longer in memory
    queue.work.clear()
    assert "segments" in captions(choose(opened("explain"), "segments")) and not queue.work


def test_a_result_for_which_the_disk_has_no_room_is_shown_with_the_reason(queue, finished, monkeypatch):
    runs.save(finished, cache.RUNS)

    def full(*arguments):
        raise RunError("It could not be kept. Free space, then save it again.")

    monkeypatch.setattr("core.storage.artifacts.save", full)
    app = choose(opened("explain"), "segments")
    assert "segments" in captions(app) and "Free space" in errors(app)[0]


def test_a_job_that_failed_can_be_started_again(queue, finished, monkeypatch):
    runs.save(finished, cache.RUNS)

    def fail(*arguments):
        raise RunError("The worker failed.")
        yield

    with monkeypatch.context() as broken:
        broken.setattr("core.explain.local.compute", fail)
        app = choose(opened("explain"), "window")
        assert "The worker failed" in errors(app)[0] and "window-cells" not in captions(app)
    app.run()
    assert "window-cells" not in captions(app)  # it is not started again by itself
    press(app, "Try again")
    assert "window-cells" in captions(app) and not errors(app)
