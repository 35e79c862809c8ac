"""What the pages say of a verdict: its interval, its hits, its alarms and the picture of a copy."""

from dataclasses import replace

from core.storage import runs
from core.types import Alarm
from ui import cache

from .conftest import opened, text


def test_a_verdict_shows_its_interval_its_hits_and_the_copy_that_it_speaks_of(idle, finished):
    tests = {"hit_rate": 0.571, "hit_low": 0.5, "hit_high": 0.64, "majority_share": 0.539}
    said = replace(finished.evaluation.verdict, interval=(-0.101, 0.202), tests=tests)
    alarm = Alarm(name="copies yesterday", text="It follows the last value.")
    runs.save(replace(finished, evaluation=replace(finished.evaluation, verdict=said, alarms=(alarm,))), cache.RUNS)
    app = opened("evaluate")
    shown = {metric.label: (metric.value, metric.delta) for metric in app.metric}
    assert shown["Skill"][1] == "-10.1% to +20.2%"
    assert shown["Hit rate"] == ("57.1%", "always the same direction: 53.9%")
    assert shown["p-value of hits"][0] == "undefined"
    assert {"copies", "copies-lags"} <= {chart.key for chart in app.get("plotly_chart")}
    assert "Copies yesterday" in text(app)
    assert "forecast lies" in text(app) and "The forecast's moves agree most with the target's at lag" in text(app)
