"""Deletion and insertion curves of an explanation, compared with random orders."""

from dataclasses import dataclass

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.charts import style
from core.explain.deletion_insertion import Curve
from core.language import tr

NEGLIGIBLE = 0.01  # difference of two areas


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """The deletion and the insertion curve of one explanation."""

    deletion: Curve
    insertion: Curve

    @property
    def caption(self) -> str:
        """Whether the order of importance changes forecasts, and restores them, faster than random orders."""
        if self.deletion.ordered[-1] == 0:
            return tr("The forecasts do not change whatever is removed, so no order can be checked.")
        if len(self.deletion.counts) < 3:
            return tr("There is only one feature, so there is no order to check.")
        return tr(
            "Removing features in order of importance changes the forecast {compare}, and inserting them into "
            "training windows in that order restores it {compare_2}; the numbers are areas under the curves.",
            compare=_compare(*self.deletion.areas),
            compare_2=_compare(*self.insertion.areas),
        )


def compute(deletion: Curve, insertion: Curve) -> Curves:
    """The chart of the two curves."""
    return Curves(deletion=deletion, insertion=insertion)


def draw(chart: Curves, height: int = 320) -> go.Figure:
    """Deletion on the left, insertion on the right, from no feature to all of them."""
    figure = make_subplots(rows=1, cols=2, horizontal_spacing=0.09)
    for column, curve in enumerate((chart.deletion, chart.insertion), start=1):
        for name, y, colour, dash in (
            (tr("most important first"), curve.ordered, style.MODEL, "solid"),
            (tr("random order"), curve.random, style.NEUTRAL, "dash"),
        ):
            figure.add_scatter(
                x=curve.counts,
                y=y,
                mode="lines+markers",
                legendgroup=name,
                name=name if column == 1 else tr("{name}, insertion", name=name),  # told apart in the exported table
                showlegend=column == 1,
                line={"color": colour, "dash": dash},
                marker={"size": 5},
                hovertemplate="%{y:.0%}",
                row=1,
                col=column,
            )
    style.apply_layout(figure, "", height)
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    titles = (
        (tr("features removed from each window"), tr("change of the forecast")),
        (tr("features inserted into training windows"), tr("recovery of the forecast")),
    )
    for column, (x_title, y_title) in enumerate(titles, start=1):
        figure.update_xaxes(title_text=x_title, row=1, col=column)
        figure.update_yaxes(title_text=y_title, row=1, col=column)
    return style.integer_ticks(figure, chart.deletion.counts[-1] + 1)


def _compare(ordered: float, random: float) -> str:
    pace = tr("no faster")
    if ordered > random + NEGLIGIBLE:
        pace = tr("faster")
    elif ordered < random - NEGLIGIBLE:
        pace = tr("more slowly")
    return tr(
        "{pace} than in random order ({ordered} against {random})",
        pace=pace,
        ordered=f"{ordered:.2f}",
        random=f"{random:.2f}",
    )
