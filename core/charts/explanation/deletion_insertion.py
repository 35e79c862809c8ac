"""The deletion and insertion curves of an explanation beside random orders."""

from dataclasses import dataclass

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.charts import style
from core.explain.deletion_insertion import Curve

SAME = 0.01  # of an area: no difference to speak of


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """Both curves and whether there is anything to see."""

    deletion: Curve
    insertion: Curve

    @property
    def caption(self) -> str:
        """Whether the order of the explanation changes forecasts, and brings them back, faster than chance."""
        if self.deletion.ordered[-1] == 0:
            return "The forecasts do not change whatever is taken away, so no order can be checked."
        if len(self.deletion.counts) < 3:
            return "There is one feature, so there is no order to check."
        (away, away_random), (back, back_random) = self.deletion.areas, self.insertion.areas
        return (
            f"Features taken away in the order of their importance change the forecast "
            f"{_held(away, away_random)} in random order: the area under the curve is {away:.2f} against "
            f"{away_random:.2f}. Put into training windows in that order they bring it back "
            f"{_held(back, back_random)} in random order, {back:.2f} against {back_random:.2f}."
        )


def compute(deletion: Curve, insertion: Curve) -> Curves:
    """The chart of both curves."""
    return Curves(deletion=deletion, insertion=insertion)


def draw(chart: Curves, height: int = 320) -> go.Figure:
    """On the left from nothing taken away to everything, on the right from nothing put in to everything."""
    figure = make_subplots(rows=1, cols=2, horizontal_spacing=0.09)
    for column, curve in enumerate((chart.deletion, chart.insertion), start=1):
        for name, y, colour, dash in (
            ("most important first", curve.ordered, style.MODEL, "solid"),
            ("random order", curve.random, style.NEUTRAL, "dash"),
        ):
            figure.add_scatter(
                x=curve.counts,
                y=y,
                mode="lines+markers",
                legendgroup=name,
                name=name if column == 1 else f"{name}, put in",  # the table of numbers tells them apart
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
        ("features taken away of each window", "change of the forecast"),
        ("features put into training windows", "way back to the forecast"),
    )
    for column, (over, what) in enumerate(titles, start=1):
        figure.update_xaxes(title_text=over, row=1, col=column)
        figure.update_yaxes(title_text=what, row=1, col=column)
    return style.integer_ticks(figure, chart.deletion.counts[-1] + 1)


def _held(ordered: float, random: float) -> str:
    return "faster than" if ordered > random + SAME else "slower than" if ordered < random - SAME else "no faster than"
