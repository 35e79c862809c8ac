"""The report: one file without requests, every word escaped, its limits those of the run."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import plotly.graph_objects as go
import pytest

import core as lb
from core.charts import style
from core.datasets.windows import Prepared, prepare_saved
from core.language import use
from core.report import figures, html, limits, report
from core.types import Alarm, Run

HOSTILE = "</script><script>alert(1)</script><b onclick='x'>&amp;\"{{ 7 * 7 }}"
LARGEST = 6_000_000  # bytes


class Page(HTMLParser):
    """The scripts, the other elements with their attributes, and the text of a page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.within = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.within = tag
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        self.within = ""

    def handle_data(self, data: str) -> None:
        if self.within == "script":
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + data)
        else:
            self.text += data


@pytest.fixture(scope="module")
def prepared(finished: Run) -> Prepared:
    return prepare_saved(finished)


@pytest.fixture(scope="module")
def page(finished: Run, prepared: Prepared) -> str:
    return html.render(report.compute_card(finished, prepared), figures.draw(finished, prepared))


def test_the_report_says_what_the_run_is(finished: Run, page: str) -> None:
    text, evaluation = Page(page).text, finished.evaluation
    expected = (finished.id, finished.data_digest, finished.spec.id, evaluation.verdict.text, "torch", "Splits")
    assert [words for words in expected if words not in text] == []
    assert f"{finished.rows['test']:,}" in text and f"{evaluation.bands['coverage']:.1%}" in text
    for name in finished.explanation.importance:  # type: ignore[union-attr]
        assert name in text


def test_the_library_comes_once_and_the_page_is_small(page: str) -> None:
    scripts = [code for attributes, code in Page(page).scripts if "type" not in attributes]
    assert len(scripts) == 2 and sum("plotly.js v" in code[:100] for code in scripts) == 1
    assert len(page.encode()) < LARGEST


def test_the_policy_allows_these_scripts_and_no_request(page: str) -> None:
    parsed = Page(page)
    policy = next(a["content"] for t, a in parsed.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None and "default-src 'none'" in policy and "unsafe-eval" not in policy
    hashes = {
        f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"
        for attributes, code in parsed.scripts
        if "type" not in attributes
    }
    assert set(re.findall(r"'sha256-[^']+'", policy)) == hashes
    assert [a for t, a in parsed.elements if {"src", "onload", "onclick", "srcset"} & a.keys()] == []
    assert [t for t, a in parsed.elements if t in {"link", "iframe", "img", "object", "embed", "form", "base"}] == []
    assert {(a["href"] or "")[0] for t, a in parsed.elements if t == "a"} == {"#"}


def test_every_chart_has_its_figure_and_its_sentence(finished: Run, prepared: Prepared, page: str) -> None:
    charts, parsed = figures.draw(finished, prepared), Page(page)
    drawn = {a["data-name"] for t, a in parsed.elements if a.get("class") == "chart"}
    stored = {
        (a["id"] or "").removeprefix("figure-") for a, code in parsed.scripts if a.get("id", "") != "settings" and a
    }
    assert drawn == stored == {chart.key for chart in charts} and len(charts) > 9
    for chart in charts:
        assert chart.caption and chart.figure.layout.height
    sections = {section.name for section in report.compute_card(finished, prepared).sections}
    assert {chart.section for chart in charts} <= sections


def test_names_from_files_are_text_everywhere(finished: Run, prepared: Prepared) -> None:
    evaluation = replace(
        finished.evaluation,
        verdict=replace(finished.evaluation.verdict, text=HOSTILE),
        alarms=(Alarm(name=HOSTILE, text=HOSTILE),),
        scores=finished.evaluation.scores | {HOSTILE: finished.evaluation.scores["lstm"]},
    )
    frame = finished.frame.rename(columns={"A": HOSTILE, "volume": HOSTILE})
    forecast = finished.forecast.assign(symbol=finished.forecast["symbol"].cat.rename_categories([HOSTILE]))
    data = replace(finished.spec.data, symbols=(HOSTILE,))
    hostile = replace(
        finished,
        frame=frame,
        forecast=forecast,
        evaluation=evaluation,
        spec=replace(finished.spec, data=data),
        environment={HOSTILE: HOSTILE},
        created=HOSTILE,
    )
    page = html.render(report.compute_card(hostile, prepared), figures.draw(hostile, prepared))
    parsed = Page(page)
    assert [a for t, a in parsed.elements if t == "b" or "onclick" in a] == []
    assert len([code for a, code in parsed.scripts if "type" not in a]) == 2
    assert HOSTILE in parsed.text and "49" not in parsed.text.partition(HOSTILE)[0]
    for attributes, code in parsed.scripts:
        if "type" in attributes:
            json.loads(code)  # whole: nothing closed it


def test_a_chart_alone_is_a_page_of_its_own() -> None:
    figure = style.apply_layout(go.Figure(go.Scatter(x=[1, 2], y=[3, 4])), "y", 300)
    chart = html.Chart(key="one", section="", title=HOSTILE, figure=figure, caption=HOSTILE)
    parsed = Page(html.render_chart(chart))
    assert [a["data-name"] for t, a in parsed.elements if a.get("class") == "chart"] == ["one"]
    assert [t for t, a in parsed.elements if t in {"b", "nav"}] == [] and HOSTILE in parsed.text


def test_the_report_speaks_korean(finished: Run, prepared: Prepared) -> None:
    with use("ko"):
        page = html.render(report.compute_card(finished, prepared), figures.draw(finished, prepared))
    assert '<html lang="ko">' in page and "이 모형이 말해 주지 못하는 것" in page
    assert "What it cannot tell you" not in page


def test_long_lines_are_thinned_and_keep_their_extremes() -> None:
    y = np.zeros(20_000)
    y[12_345] = 9.0
    days = np.datetime64("1990-01-01") + np.arange(len(y))
    figure = go.Figure(go.Scatter(x=days, y=y, mode="lines", customdata=days.astype(str)))
    area = np.concatenate([days, days[::-1]])
    figure.add_scatter(x=area, y=np.concatenate([y + 1, y - 1]), mode="lines", fill="toself")
    figures.lighten(figure, 100)
    line, edge = figure.data
    assert len(line.x) == len(line.y) <= 101 and line.customdata is None and max(line.y) == 9.0
    assert line.x[0] == "1990-01-01" and len(edge.x) == len(edge.y) == 200
    assert list(edge.x[:100]) == list(edge.x[100:][::-1])


def test_the_limits_are_those_of_the_run(finished: Run) -> None:
    told = " ".join(limits.describe(finished))
    verdict = finished.evaluation.verdict
    assert ("gives no evidence" in told) == (verdict.tone != "good")
    assert f"{finished.rows['test']:,} windows" in told and "from the seed 0" in told
    assert "financial advice" in told and "2017" in told  # the data end there
    ensemble = replace(finished.spec, train=replace(finished.spec.train, ensemble=3))
    looking = replace(ensemble, allow_lookahead=True)
    history = replace(finished.history, problem="Memory ran out.")
    changed = replace(finished, spec=looking, explanation=None, history=history)
    told = " ".join(limits.describe(changed))
    assert "different seeds" in told and "overridden" in told and "no explanation" in told
    assert "Training ended early: Memory ran out." in told and "from the seed" not in told


def test_a_direction_has_probabilities_and_a_card(finish, recipe, frame) -> None:
    from core import pipeline

    run = finish(pipeline.run(recipe(target__kind="direction"), frame))[0]
    prepared = prepare_saved(run)
    charts = figures.draw(run, prepared)
    assert [chart.key for chart in charts if chart.key.startswith("reliability")] == ["reliability-0"]
    text = Page(html.render(report.compute_card(run, prepared), charts)).text
    assert "It forecasts a probability and has no interval." in text


def test_a_series_that_is_no_price_is_not_spoken_of_as_one() -> None:
    settings = {"window.lookback": 6, "model.hidden": 4, "train.epochs": 1, "target.horizon": 2}
    run = lb.fit(lb.load_sample("NILE"), settings=settings, progress=False).record
    told = " ".join(limits.describe(run))
    assert "financial advice" not in told and "has 100 rows" in told
    prepared = prepare_saved(run)
    assert figures.draw(run, prepared) and report.compute_card(run, prepared).sections
