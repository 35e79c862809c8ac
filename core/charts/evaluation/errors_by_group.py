"""The errors of a model and its reference group by group, and the autocorrelation of the model's errors.

Axis letters: G groups, K lags.
"""

from dataclasses import dataclass, replace

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.charts.evaluation import regimes
from core.charts.primitives import reference_line
from core.evaluation.residuals import MIN_RESIDUALS, Autocorrelation, ErrorGroups, Residuals
from core.evaluation.verdict import SIGNIFICANT, format_p_value
from core.language import mark, shown, tr
from core.types import Flags

WITHIN = {
    "regime": mark("at {group}"),
    "weekday": mark("on {group}s"),
    "hour": mark("at {group}"),
    "year": mark("in {group}"),
}
LABELLED = 12  # groups; with more, the skill above each bar would not fit
LIMITS_LINE = {"color": style.REFERENCE, "width": 1.4, "dash": "dash"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupErrors:
    """Root mean squared errors of model and reference by group, in `unit`."""

    model: str
    reference: str
    unit: str
    by_group: ErrorGroups

    @property
    def few_G(self) -> Flags:
        """Groups with so few forecasts that their numbers are mostly chance."""
        return np.array(self.by_group.count_G) < MIN_RESIDUALS

    @property
    def caption(self) -> str:
        """The group with the largest error, and the groups with the highest and the lowest skill."""
        errors, model = self.by_group, text.model_name(self.model)
        if not errors.names:
            return regimes.NO_REGIMES if errors.by == "regime" else tr("There are no forecasts to compare.")
        worst = int(np.argmax(errors.rmse_G))
        if len(errors.names) == 1:
            sentence = tr(
                "There is only one group, {names}: the {model}'s error is {rmse}, its skill {skill}",
                names=errors.names[0],
                model=model,
                rmse=text.number(errors.rmse_G[0]),
                skill=text.percent(errors.skill_G[0]),
            )
        else:
            where = tr(
                WITHIN[errors.by],
                group=shown(errors.names[worst]) if errors.by == "regime" else tr(errors.names[worst]),
            )
            sentence = tr(
                "The {model}'s error is largest {where} ({rmse}){skill}",
                model=model,
                where=where,
                rmse=text.number(errors.rmse_G[worst]),
                skill=self._skill(),
            )
        pale = (
            tr("; pale bars have fewer than {min_residuals} forecasts", min_residuals=MIN_RESIDUALS)
            if self.few_G.any()
            else ""
        )
        return f"{sentence}{pale}."

    def _skill(self) -> str:
        errors = self.by_group
        if not np.isfinite(errors.skill_G).any():
            return ""
        ends = int(np.nanargmin(errors.skill_G)), int(np.nanargmax(errors.skill_G))
        low, high = (
            tr("{value} ({name})", value=text.percent(float(errors.skill_G[g])), name=tr(str(errors.names[g])))
            for g in ends
        )
        return tr(
            "; its skill against {reference} ranges from {low} to {high}",
            reference=text.the_model(self.reference),
            low=low,
            high=high,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorAutocorrelation:
    """The autocorrelation of a model's errors."""

    model: str
    autocorrelation: Autocorrelation
    unit: str = ""

    @property
    def caption(self) -> str:
        """Whether the errors are autocorrelated, and which lags do not count because forecasts share outcomes."""
        result, name = self.autocorrelation, text.model_name(self.model)
        apart = tr(" {steps} apart", steps=text.steps(result.step, self.unit)) if result.step > 1 else ""
        test = tr("(Ljung–Box {p_value})", p_value=format_p_value(result.p_value))
        if np.isnan(result.p_value):
            sentence = tr(
                "There are too few errors{apart}, or they do not vary, so no autocorrelation can be tested", apart=apart
            )
        elif result.p_value < SIGNIFICANT:
            sentence = tr(
                "The {name}'s errors{apart} are autocorrelated {test}, so the model leaves information unused",
                name=name,
                apart=apart,
                test=test,
            )
        else:
            sentence = tr(
                "The {name}'s errors{apart} show no significant autocorrelation {test}",
                name=name,
                apart=apart,
                test=test,
            )
        if result.step == 1:
            return f"{sentence}."
        grey = tr("lag 1 is") if result.step == 2 else tr("lags 1 to {step} are", step=result.step - 1)
        apart = text.steps(result.step, self.unit)
        return tr(
            "{sentence}; {grey} grey because forecasts made less than {apart} apart share outcomes.",
            sentence=sentence,
            grey=grey,
            apart=apart,
        )


def compute(errors: Residuals, by_group: ErrorGroups) -> GroupErrors:
    """The errors by group, volatility regimes under their titles."""
    if by_group.by == "regime":
        by_group = replace(by_group, names=tuple(map(regimes.title, by_group.names)))
    return GroupErrors(model=errors.model, reference=errors.reference, unit=errors.unit, by_group=by_group)


def draw(chart: GroupErrors, height: int = 320) -> go.Figure:
    """For each group the error of the model next to that of the reference, with the skill above."""
    figure, errors = go.Figure(), chart.by_group
    x_title = tr("{by} of the outcome", by=tr(errors.by)) if errors.by != "regime" else ""
    style.apply_layout(figure, tr("RMSE ({unit})", unit=text.unit_title(chart.unit)), height, x_title, hover="closest")
    if not errors.names:
        return style.add_note(figure, chart.caption)
    for name, rmse_G, colour in (
        (chart.model, errors.rmse_G, style.MODEL),
        (chart.reference, errors.reference_G, style.NEUTRAL),
    ):
        labelled = name == chart.model and len(errors.names) <= LABELLED
        figure.add_trace(
            go.Bar(
                x=np.arange(len(errors.names)),
                y=rmse_G,
                name=text.escape(text.model_name(name)),
                marker={"color": colour, "opacity": [0.35 if few else 1.0 for few in chart.few_G]},
                customdata=errors.count_G,
                textposition="outside",
                textangle=0,
                text=[_whole_percent(value) for value in errors.skill_G] if labelled else None,
                cliponaxis=False,
                hovertemplate=tr("{y} over {customdata} forecasts", y="%{y:,.5~r}", customdata="%{customdata}")
                + "<extra></extra>",
            )
        )
    figure.update_yaxes(range=[0, 1.15 * float(max(errors.rmse_G.max(), errors.reference_G.max())) or 1.0])
    names = [
        tr(name)[:3] if errors.by == "weekday" else text.escape(name).replace(" ", "<br>") for name in errors.names
    ]
    return style.label_positions(figure, names, "x").update_xaxes(tickangle=0 if len(names) <= LABELLED else None)


def compute_autocorrelation(errors: Residuals, autocorrelation: Autocorrelation) -> ErrorAutocorrelation:
    """The autocorrelation of `errors` under the name of their model."""
    return ErrorAutocorrelation(model=errors.model, autocorrelation=autocorrelation, unit=errors.unit)


def draw_autocorrelation(chart: ErrorAutocorrelation, height: int = 320) -> go.Figure:
    """A bar per lag, grey where forecasts share outcomes, and the limits of chance."""
    figure, result = go.Figure(), chart.autocorrelation
    style.apply_layout(
        figure,
        tr("autocorrelation"),
        height,
        tr("lag in {units}", units=text.several_steps(chart.unit)),
        hover="closest",
    )
    if not result.lag_K:
        return style.add_note(figure, chart.caption)
    lag_K = np.array(result.lag_K)
    for name, bars_K, colour in (
        (tr("shared outcomes"), lag_K < result.step, style.translucent(style.NEUTRAL, 0.5)),
        (tr("errors"), lag_K >= result.step, style.MODEL),
    ):
        if bars_K.any():
            figure.add_trace(
                go.Bar(
                    x=lag_K[bars_K],
                    y=result.value_K[bars_K],
                    name=name,
                    marker={"color": colour},
                    hovertemplate=tr("lag {x}: {y}", x="%{x}", y="%{y:.2f}") + "<extra></extra>",
                )
            )
    for side, in_legend in ((1, True), (-1, False)):
        limit_K = side * result.limit_K
        figure.add_trace(
            reference_line(lag_K, limit_K, tr("limits of chance (95%)"), LIMITS_LINE, showlegend=in_legend)
        )
    figure.update_layout(barmode="overlay")
    return style.integer_ticks(figure, len(lag_K))


def _whole_percent(value: float) -> str:
    """A share in whole percent; zero has no sign, NaN no text."""
    percent = round(100 * value) if np.isfinite(value) else 0
    return "" if np.isnan(value) else text.minus(f"{percent:+d}%") if percent else "0%"
