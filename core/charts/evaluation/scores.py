"""How the model compares with simple rules: skill against the reference, and the error at each step.

Axis letters: M models, H steps.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.types import Evaluation, Floats

METRICS = {"rmse": "root mean squared error", "mae": "mean absolute error"}
TITLES = {"rmse": "RMSE", "mae": "MAE"}
LINES = 6  # drawn at once, the best at the last step; a click on the legend draws the others


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """Skill of each model on the test part, best first: 1 − error / error of `reference`; NaN where undefined.

    `members` are the skills of the networks of an ensemble one by one.
    """

    model: str
    reference: str
    names: tuple[str, ...]
    skill_M: Floats
    members: tuple[float, ...] = ()

    @property
    def caption(self) -> str:
        """The model's skill and its place among the models."""
        own = float(self.skill_M[self.names.index(self.model)])
        name, rule = text.model_name(self.model), text.the_model(self.reference)
        if not np.isfinite(own):
            return f"The skill of the {name} is undefined: {rule} makes no error at all on the test part."
        place = f"it is number {self.names.index(self.model) + 1} of {text.pluralize(len(self.names), 'model')}"
        if own == 0:
            return f"The {name}'s error equals that of {rule}; {place}."
        if own <= -1:
            return f"The {name}'s error is {text.number(1 - own)} times that of {rule}; {place}."
        side = "smaller" if own > 0 else "larger"
        return f"The {name}'s error is {text.percent(abs(own))} {side} than that of {rule}; {place}.{self._alone()}"

    def _alone(self) -> str:
        if not self.members:
            return ""
        return (
            f" Its {len(self.members)} networks have skills from {text.percent(min(self.members))} to "
            f"{text.percent(max(self.members))} one by one."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StepErrors:
    """Error of each model at each step in `unit`; the trained model comes first."""

    model: str
    metric: str
    unit: str
    steps: tuple[int, ...]
    error_H: dict[str, tuple[float, ...]]

    @property
    def caption(self) -> str:
        """The model's error at the first and the last step, and how many models do better at the last."""
        own, last = self.error_H[self.model], self.steps[-1]
        better = sum(errors[-1] < own[-1] for name, errors in self.error_H.items() if name != self.model)
        first = f"{text.number(own[0])} at step {self.steps[0]}" + (
            f" and {text.number(own[-1])} at step {last}" if len(own) > 1 else ""
        )
        return (
            f"The {text.model_name(self.model)}'s {METRICS[self.metric]} is {first}; {better} of "
            f"{text.pluralize(len(self.error_H) - 1, 'other model')} "
            f"{'does' if better == 1 else 'do'} better at step {last}."
        )


def skill(evaluation: Evaluation, model: str) -> Skill:
    """The skill of every model, undefined ones last."""
    found = {name: float(entry["skill"]) for name, entry in evaluation.scores.items()}
    names = sorted(found, key=lambda name: (not np.isfinite(found[name]), -found[name]))
    return Skill(
        model=model,
        reference=evaluation.verdict.reference,
        names=tuple(names),
        skill_M=np.array([found[name] for name in names]),
        members=tuple(float(entry["skill"]) for entry in evaluation.members),
    )


def draw_skill(chart: Skill, height: int | None = None) -> go.Figure:
    """Horizontal bars, best on top; the trained model in blue, the reference named at zero."""
    colours = [style.MODEL if name == chart.model else style.NEUTRAL for name in chart.names]
    figure = go.Figure(
        go.Bar(
            x=chart.skill_M,
            y=np.arange(len(chart.names)),
            orientation="h",
            marker={"color": colours},
            hoverinfo="skip",
            showlegend=False,
        )
    )
    if chart.members:
        at = chart.names.index(chart.model)
        figure.add_trace(
            go.Scatter(
                x=chart.members,
                y=[at] * len(chart.members),
                mode="markers",
                name="networks",
                showlegend=False,
                hovertemplate="one network: %{x:.1%}<extra></extra>",
                marker={"color": style.OUTCOME, "size": 7, "symbol": "line-ns-open"},
            )
        )
    style.apply_layout(
        figure,
        "",
        height or 90 + 34 * len(chart.names),
        f"skill against {text.model_name(chart.reference)}",
        hover="closest",
    )
    figure.update_xaxes(tickformat=".0%", nticks=4, tickangle=0)
    figure.add_vline(x=0, line={"color": style.OUTCOME, "width": 1})
    # The numbers stand beside the names: at the ends of bars that run left they would cover the names.
    return style.label_positions(
        figure,
        [
            f"{_bold(name, chart.model)}  {_label(value, name == chart.reference)}"
            for name, value in zip(chart.names, chart.skill_M, strict=True)
        ],
    )


def by_step(evaluation: Evaluation, model: str, metric: str = "rmse") -> StepErrors:
    """The error `metric` (rmse or mae) of every model at each step, in the unit of the scores."""
    order = [model, *(name for name in evaluation.by_step if name != model)]
    return StepErrors(
        model=model,
        metric=metric,
        unit=evaluation.unit,
        steps=tuple(int(entry["step"]) for entry in evaluation.by_step[model]),
        error_H={name: tuple(float(entry[metric]) for entry in evaluation.by_step[name]) for name in order},
    )


def draw_by_step(chart: StepErrors, height: int = 340) -> go.Figure:
    """A line for the trained model, thick, and for the best others; bars of all where there is a single step."""
    title = f"{TITLES[chart.metric]} ({chart.unit})"
    if len(chart.steps) == 1:
        return _draw_single(chart, title)
    figure = go.Figure()
    others = sorted((name for name in chart.error_H if name != chart.model), key=lambda name: chart.error_H[name][-1])
    for i, (name, errors) in enumerate(chart.error_H.items()):
        own = name == chart.model
        figure.add_trace(
            go.Scatter(
                x=chart.steps,
                y=errors,
                name=text.escape(text.model_name(name)),
                hovertemplate="%{y:.4~g}",
                visible="legendonly" if name in others[LINES - 1 :] else True,
                mode="lines+markers" if len(chart.steps) <= 30 else "lines",
                marker={"size": 7 if own else 5},
                line={
                    "color": style.MODEL if own else style.BASELINES[(i - 1) % len(style.BASELINES)],
                    "width": 3 if own else 1.6,
                    "dash": "solid" if own else style.DASHES[i % len(style.DASHES)],
                },
            )
        )
    # The legend stands above the lines, two names in each row of a narrow page.
    style.apply_layout(figure, title, height + 10 * max(0, len(chart.error_H) - LINES), "sessions ahead")
    figure.update_yaxes(rangemode="tozero")
    return style.integer_ticks(figure, len(chart.steps))


def _draw_single(chart: StepErrors, title: str) -> go.Figure:
    errors = {name: values[0] for name, values in sorted(chart.error_H.items(), key=lambda pair: pair[1][0])}
    figure = go.Figure(
        go.Bar(
            x=list(errors.values()),
            y=np.arange(len(errors)),
            orientation="h",
            hoverinfo="skip",
            cliponaxis=False,
            marker={"color": [style.MODEL if name == chart.model else style.NEUTRAL for name in errors]},
            text=[text.number(value) for value in errors.values()],
            textposition="outside",
        )
    )
    style.apply_layout(figure, "", 90 + 34 * len(errors), title, hover="closest")
    figure.update_xaxes(range=[0, 1.25 * max(errors.values()) or 1], nticks=5)
    return style.label_positions(figure, [_bold(name, chart.model) for name in errors])


def _label(value: float, reference: bool) -> str:
    if not np.isfinite(value):
        return "undefined"
    if reference:
        return "(reference)"
    return f"{text.number(1 - value)} × error" if value <= -1 else f"{100 * value:+.1f}%".replace("-", "−")


def _bold(name: str, model: str) -> str:
    shown = text.escape(text.model_name(name))
    return f"<b>{shown}</b>" if name == model else shown
