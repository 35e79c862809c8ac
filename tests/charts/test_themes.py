"""The colours of both themes, and the exchange of one for the other."""

import json
import tomllib
from itertools import combinations
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

from core.charts import style, themes
from tests.charts import colours

ROOT = Path(__file__).parents[2]
CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
ROLES = ("MODEL", "REFERENCE", "OUTCOME", "GOOD", "BAD", "NEUTRAL")
LIGHT = {role: getattr(style, role) for role in (*ROLES, "VIOLET", "SIENNA")}
PALETTES = {"light": LIGHT, "dark": {role: themes.DARK[colour] for role, colour in LIGHT.items()}}
BACKGROUNDS = {name: (CONFIG[name]["backgroundColor"], CONFIG[name]["secondaryBackgroundColor"]) for name in PALETTES}


@pytest.mark.parametrize("theme", PALETTES)
def test_roles_differ_for_all_eyes(theme):
    palette = PALETTES[theme]
    closest = min((colours.distance(palette[a], palette[b]), a, b) for a, b in combinations(ROLES, 2))
    assert closest[0] >= 20, closest


@pytest.mark.parametrize("theme", PALETTES)
def test_lines_and_text_stand_out_from_both_backgrounds(theme):
    bounds = dict.fromkeys(LIGHT, 3.0) | {"OUTCOME": 4.5, "NEUTRAL": 4.5}  # the two that text is written in
    for role, bound in bounds.items():
        for background in BACKGROUNDS[theme]:
            assert colours.contrast(PALETTES[theme][role], background) >= bound, (role, background)


def test_neighbours_among_the_lines_of_baselines_differ():
    for palette in (style.BASELINES, [themes.DARK[colour] for colour in style.BASELINES]):
        assert min(colours.distance(a, b) for a, b in combinations(palette, 2)) >= 15
    assert np.gcd(len(style.BASELINES), len(style.DASHES)) == 1  # so that colour and dash repeat together only late


def test_nested_bands_grow_towards_the_model():
    """Each is visibly another step, in both themes; lines are drawn in the strongest, which has the contrast for it."""
    for theme, tints in (("light", style.TINTS), ("dark", [themes.DARK[tint] for tint in style.TINTS])):
        contrasts = [colours.contrast(tint, BACKGROUNDS[theme][0]) for tint in tints]
        assert contrasts == sorted(contrasts) and contrasts[-1] >= 3, theme
        assert min(np.diff(contrasts)) > 0.15, theme


def test_charts_lie_on_the_page_without_an_edge():
    assert (style.PAPER, themes.DARK[style.PAPER]) == tuple(CONFIG[name]["backgroundColor"] for name in PALETTES)
    assert (style.OUTCOME, themes.DARK[style.OUTCOME]) == tuple(CONFIG[name]["textColor"] for name in PALETTES)
    assert CONFIG["light"]["primaryColor"] == style.MODEL


def test_buttons_and_links_can_be_read():
    for name in PALETTES:
        primary = CONFIG[name]["primaryColor"]
        assert colours.contrast(primary, "#ffffff") >= 4  # the text of a button, which is not small
        for background in BACKGROUNDS[name]:
            assert colours.contrast(primary, background) >= 3
            assert colours.contrast(CONFIG[name].get("linkColor", primary), background) >= 4.5


def test_every_colour_has_a_dark_partner():
    used = {value for value in vars(style).values() if isinstance(value, str) and value.startswith("#")}
    assert used | set(style.TINTS) | {colour for _, colour in (*style.LOW_HIGH, *style.AMOUNT)} <= set(themes.DARK)
    assert len(set(themes.DARK.values())) == len(themes.DARK)


def test_no_chart_has_a_colour_of_its_own():
    """A colour without a role would stay light on the dark page."""
    files = [path for path in (ROOT / "core" / "charts").rglob("*.py") if path.name not in ("style.py", "themes.py")]
    assert len(files) > 30
    for path in files:
        code = path.read_text()
        assert '"#' not in code and "rgb(" not in code and "'#" not in code, path


def figure():
    drawn = go.Figure()
    drawn.add_scatter(
        x=[1, 2], y=[3, 4], name=style.MODEL, line={"color": style.MODEL}, fillcolor=style.translucent(style.BAD, 0.2)
    )
    drawn.add_bar(x=[1, 2], y=[1, 2], marker={"color": [style.GOOD, style.NEUTRAL]})
    drawn.add_scatter(x=[1], y=[1], marker={"color": np.array([0.5]), "colorscale": style.LOW_HIGH})
    drawn.add_hline(y=0, line={"color": style.OUTCOME})
    drawn.add_shape(type="rect", x0=0, x1=1, y0=0, y1=1)
    drawn.add_annotation(text=style.BAD, font={"color": style.NEUTRAL})
    return style.apply_layout(drawn, "y", 300)


def test_dark_exchanges_colours_wherever_they_stand():
    dark, partner = themes.in_dark(figure()), themes.DARK
    line, bar, points = dark.data
    assert (line.line.color, line.fillcolor) == (partner[style.MODEL], style.translucent(partner[style.BAD], 0.2))
    assert tuple(bar.marker.color) == (partner[style.GOOD], partner[style.NEUTRAL])
    assert tuple(colour for _, colour in points.marker.colorscale) == tuple(partner[c] for _, c in style.LOW_HIGH)
    assert dark.layout.shapes[0].line.color == partner[style.OUTCOME]
    assert dark.layout.annotations[0].font.color == partner[style.NEUTRAL]
    assert dark.layout.template.layout.paper_bgcolor == CONFIG["dark"]["backgroundColor"]
    assert dark.layout.template.data.bar[0].marker.line.color == partner[style.PAPER]


def test_dark_leaves_numbers_and_words_alone():
    dark = themes.in_dark(figure())
    assert dark.data[0].name == style.MODEL and dark.layout.annotations[0].text == style.BAD
    assert tuple(dark.data[0].y) == (3, 4) and tuple(dark.data[2].marker.color) == (0.5,)
    assert dark.layout.height == 300 and dark.layout.template.layout.legend.orientation == "h"


def test_what_is_not_asked_for_in_dark_stays_light():
    themes.in_dark(figure())
    light = figure()
    assert light.data[0].line.color == style.MODEL and light.layout.template.layout.paper_bgcolor == style.PAPER


def test_an_echarts_option_in_dark_is_a_copy():
    option = {"series": [{"color": style.MODEL, "name": style.MODEL}], "textStyle": {"color": style.OUTCOME}, "min": 0}
    dark = themes.dark_option(option)
    assert dark["series"][0] == {"color": themes.DARK[style.MODEL], "name": style.MODEL}
    assert dark["textStyle"]["color"] == themes.DARK[style.OUTCOME] and dark["min"] == 0
    assert option["series"][0]["color"] == style.MODEL


def test_a_dark_figure_comes_back_in_its_light_colours():
    light = go.Figure(go.Bar(x=[1.0], y=[2.0], marker={"color": [style.GRID, style.OUTCOME], "opacity": 0.5}))
    light.add_scatter(x=[1], y=[2], line={"color": style.MODEL}, fillcolor=style.translucent(style.OUTCOME, 0.2))
    style.apply_layout(light, "y", 300)
    before = json.loads(light.to_json())
    dark = themes.in_dark(go.Figure(light))
    assert json.loads(dark.to_json()) != before
    assert json.loads(themes.in_light(dark).to_json()) == before
    assert dark.data[1].line.color == themes.DARK[style.MODEL]
