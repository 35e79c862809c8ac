"""When a model errs, group by group beside the reference; and how its errors are correlated, lag by lag.

Axis letters: G groups, K lags.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.evaluation.residuals import FEWEST, Autocorrelation, Groups, Residuals
from core.evaluation.verdict import SIGNIFICANT, say_p
from core.types import Flags

NOTHING = {"regime": "The volatility before the forecasts did not change, so there are no calm and stormy sessions."}
AMONG = {"regime": "{} times", "weekday": "sessions on a {}", "hour": "sessions of {}", "year": "sessions of {}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Errors of model and reference by group, in `unit`."""

    model: str
    reference: str
    unit: str
    groups: Groups

    @property
    def few_G(self) -> Flags:
        """Groups of so few forecasts that their numbers are little more than luck."""
        return np.array(self.groups.count_G) < FEWEST

    @property
    def caption(self) -> str:
        """Where the error is largest, and where the model does best and worst against the reference."""
        groups = self.groups
        if not groups.names:
            return NOTHING.get(groups.by, "There are no forecasts to compare.")
        most = int(np.argmax(groups.rmse_G))
        said = (
            f"The {text.model_name(self.model)}'s error is largest in {self._among(most)} "
            f"({text.number(groups.rmse_G[most])})"
        )
        if len(groups.names) == 1:
            said = (
                f"All forecasts are of {self._among(0)}: the {text.model_name(self.model)}'s error is "
                f"{text.number(groups.rmse_G[0])}, its skill {text.percent(groups.skill_G[0])}"
            )
        elif np.isfinite(groups.skill_G).any():
            best, worst = int(np.nanargmax(groups.skill_G)), int(np.nanargmin(groups.skill_G))
            low, high = (text.percent(float(groups.skill_G[at])) for at in (worst, best))
            said += (
                f"; against {text.the_model(self.reference)} its skill lies between {low} ({groups.names[worst]}) and "
                f"{high} ({groups.names[best]})"
            )
        pale = f"; pale bars are of fewer than {FEWEST} forecasts" if self.few_G.any() else ""
        return f"{said}{pale}."

    def _among(self, group: int) -> str:
        return AMONG[self.groups.by].format(self.groups.names[group])


@dataclass(frozen=True, slots=True, kw_only=True)
class Lags:
    """The autocorrelation of a model's errors."""

    model: str
    found: Autocorrelation

    @property
    def caption(self) -> str:
        """Whether errors follow from earlier ones, and which lags say nothing because labels overlap."""
        found, name = self.found, text.model_name(self.model)
        apart = f" {found.step} sessions apart" if found.step > 1 else ""
        if np.isnan(found.p_value):
            said = f"There are too few errors{apart}, or they do not vary: whether they are correlated cannot be said"
        elif found.p_value < SIGNIFICANT:
            said = (
                f"The {name}'s errors{apart} are correlated (Ljung–Box {say_p(found.p_value)}): there is something "
                "left to learn"
            )
        else:
            said = f"No correlation is found in the {name}'s errors{apart} (Ljung–Box {say_p(found.p_value)})"
        if found.step == 1:
            return f"{said}."
        grey = "lag 1 is" if found.step == 2 else f"lags 1 to {found.step - 1} are"
        return f"{said}; {grey} grey, since forecasts made less than {found.step} sessions apart share outcomes."


def groups(errors: Residuals, found: Groups) -> Bars:
    """The bars of errors in these groups."""
    return Bars(model=errors.model, reference=errors.reference, unit=errors.unit, groups=found)


def draw(chart: Bars, height: int = 320) -> go.Figure:
    """For each group the error of the model beside that of the reference, with the skill above."""
    figure, found = go.Figure(), chart.groups
    style.apply_layout(
        figure,
        f"RMSE ({chart.unit})",
        height,
        f"{found.by} of the session" if found.by != "regime" else "",
        hover="closest",
    )
    if not found.names:
        return style.add_note(figure, chart.caption)
    pale = [0.35 if few else 1.0 for few in chart.few_G]
    for name, rmse_G, colour in (
        (chart.model, found.rmse_G, style.MODEL),
        (chart.reference, found.reference_G, style.NEUTRAL),
    ):
        own = name == chart.model
        figure.add_trace(
            go.Bar(
                x=np.arange(len(found.names)),
                y=rmse_G,
                name=text.escape(text.model_name(name)),
                marker={"color": colour, "opacity": pale},
                customdata=found.count_G,
                textposition="outside",
                textangle=0,
                text=[_skill(value) for value in found.skill_G] if own and len(found.names) <= 12 else None,
                cliponaxis=False,
                hovertemplate="%{y:.4~g} on %{customdata} forecasts<extra></extra>",
            )
        )
    figure.update_yaxes(range=[0, 1.15 * float(max(found.rmse_G.max(), found.reference_G.max())) or 1.0])
    return style.label_positions(figure, [text.escape(name) for name in found.names], "x")


def lags(errors: Residuals, found: Autocorrelation) -> Lags:
    """The autocorrelation to draw."""
    return Lags(model=errors.model, found=found)


def draw_lags(chart: Lags, height: int = 320) -> go.Figure:
    """A bar for each lag, grey where forecasts share outcomes, and the limits of chance."""
    figure, found = go.Figure(), chart.found
    style.apply_layout(figure, "correlation of errors", height, "sessions between two errors", hover="closest")
    if not found.lag_K:
        return style.add_note(figure, chart.caption)
    lag_K = np.array(found.lag_K)
    for name, here, colour in (
        ("shared outcomes", lag_K < found.step, "#b9bec6"),
        ("errors", lag_K >= found.step, style.MODEL),
    ):
        if here.any():
            figure.add_trace(
                go.Bar(
                    x=lag_K[here],
                    y=found.value_K[here],
                    name=name,
                    marker={"color": colour},
                    hovertemplate="lag %{x}: %{y:.2f}<extra></extra>",
                )
            )
    for side, shown in ((1, True), (-1, False)):
        figure.add_trace(
            go.Scatter(
                x=lag_K,
                y=side * found.limit_K,
                mode="lines",
                name="limits of chance (95%)",
                showlegend=shown,
                hoverinfo="skip",
                line={"color": style.OCHRE, "width": 1.4, "dash": "dash"},
            )
        )
    figure.update_layout(barmode="overlay")
    return style.integer_ticks(figure, len(lag_K))


def _skill(value: float) -> str:
    """Whole per cent; zero has no sign."""
    shown = round(100 * value) if np.isfinite(value) else 0
    return "" if np.isnan(value) else f"{shown:+d}%".replace("-", "−") if shown else "0%"
