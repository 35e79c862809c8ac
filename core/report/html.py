"""Reports and charts as one HTML file each: it opens without a network and runs no script but its own.

Every word goes through the escaping of Jinja, and figures through its JSON for scripts. The policy of the page allows
the two scripts by their hashes and no request at all.
"""

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from core.charts import style
from core.charts.themes import DARK
from core.language import current, tr
from core.report.card import Card
from core.report.figures import Chart

FOLDER = Path(__file__).resolve().parent
ROLES = {
    "paper": style.PAPER,
    "ink": style.OUTCOME,
    "quiet": style.NEUTRAL,
    "line": style.GRID,
    "pale": style.AMOUNT[0][1],
    "good": style.GOOD,
    "bad": style.BAD,
    "none": style.REFERENCE,
}


def render(card: Card, charts: Sequence[Chart]) -> str:
    """The report of a run in the language of the screen, about 5 MB of which are the library that draws charts."""
    lead = tr("Run {run}, trained {time}", run=card.run_id, time=card.created[:16].replace("T", " "))
    return _page(title=card.title, lead=lead, name=f"run-{card.run_id}", charts=charts, card=card)


def render_chart(chart: Chart) -> str:
    """One chart with its caption as a page of its own."""
    return _page(title=chart.title, lead="", name="chart", charts=[chart], card=None)


def _page(title: str, lead: str, name: str, charts: Sequence[Chart], card: Card | None) -> str:
    from jinja2.utils import htmlsafe_json_dumps
    from markupsafe import Markup
    from plotly.offline import get_plotlyjs

    plotly, script = get_plotlyjs(), (FOLDER / "page.js").read_text(encoding="utf-8")
    settings = {"dark": DARK, "name": name, "png": tr("Save as PNG"), "svg": tr("Save as SVG")}
    return _template().render(
        language=current(),
        policy=_policy(plotly, script),
        title=title,
        lead=lead,
        light=ROLES,
        dark={role: DARK[colour] for role, colour in ROLES.items()},
        card=card,
        charts=charts,
        figures={chart.key: htmlsafe_json_dumps(chart.figure, dumps=_figure_json) for chart in charts},
        settings=htmlsafe_json_dumps(settings),
        noscript=tr("The charts need a browser that runs scripts."),
        # The two programs are ours and hold no end of a script element: the tests look.
        plotly=Markup(plotly),
        script=Markup(script),
    )


def _policy(*scripts: str) -> str:
    """What the page may do: run these scripts, style itself, and save charts as images."""
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{one}'" for one in hashes)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; "
        "form-action 'none'"
    )


def _figure_json(figure: Any, **_: Any) -> str:
    text: str = figure.to_json()
    return text


@cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template("page.html")
