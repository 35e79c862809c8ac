"""The deletion curve of an explanation beside random orders."""

from dataclasses import dataclass

import plotly.graph_objects as go

from core.charts import style
from core.explain.deletion import Deletion


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Both curves and whether there is anything to see."""

    found: Deletion

    @property
    def says(self) -> str:
        """Whether the order of the explanation changes forecasts faster than chance."""
        if self.found.ordered[-1] == 0:
            return "The forecasts do not change whatever is taken away, so no order can be checked."
        if len(self.found.counts) < 3:
            return "There is one feature, so there is no order to check."
        ordered, random = self.found.areas
        held = "faster than" if ordered > random + 0.01 else "slower than" if ordered < random - 0.01 else \
            "no faster than"
        return (f"Features taken away in the order of their importance change the forecast {held} in random order: the "
                f"area under the curve is {ordered:.2f} against {random:.2f}.")


def compute(found: Deletion) -> Curve:
    """The chart of a deletion curve."""
    return Curve(found=found)


def draw(chart: Curve, height: int = 300) -> go.Figure:
    """Two lines from nothing taken away to everything."""
    figure = go.Figure()
    for name, y, colour, dash in (("most important first", chart.found.ordered, style.MODEL, "solid"),
                                  ("random order", chart.found.random, style.NEUTRAL, "dash")):
        figure.add_scatter(x=chart.found.counts, y=y, name=name, mode="lines+markers",
                           line={"color": colour, "dash": dash}, marker={"size": 5}, hovertemplate="%{y:.0%}")
    style.layout(figure, "change of the forecast", height, "features taken away of each window")
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    return style.whole(figure, chart.found.counts[-1] + 1)
