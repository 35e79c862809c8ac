"""The model next to its baselines: skill against the reference, and the error at each step.

Axis letters: M models, H steps.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.charts.primitives import bar_layout, bars
from core.language import message, tr, tr_n
from core.types import Evaluation, Floats

METRICS = {"rmse": message("root mean squared error"), "mae": message("mean absolute error")}
TITLES = {"rmse": "RMSE", "mae": "MAE"}
LINES = 6  # drawn at first: the model and the best others at the last step; the legend adds the rest
BAR_HEIGHT = 34  # pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """Skill of each model on the test split, best first: 1 − error / error of `reference`; NaN if undefined.

    `members` are the skills of the single networks of an ensemble.
    """

    model: str
    reference: str
    names: tuple[str, ...]
    skill_M: Floats
    members: tuple[float, ...] = ()

    @property
    def caption(self) -> str:
        """The model's error relative to the reference, and its rank among the models."""
        row = self.names.index(self.model)
        value, name, reference = float(self.skill_M[row]), text.model_name(self.model), text.the_model(self.reference)
        if not np.isfinite(value):
            return tr(
                "The skill of the {name} is undefined: {reference} makes no error at all on the test split.",
                name=name,
                reference=reference,
            )
        rank = tr("it ranks number {row} of {models}", row=row + 1, models=text.pluralize(len(self.names), "model"))
        if value == 0:
            return tr(
                "The {name}'s error equals that of {reference}; {rank}.", name=name, reference=reference, rank=rank
            )
        if value <= -1:
            return tr(
                "The {name}'s error is {value} times that of {reference}; {rank}.",
                name=name,
                value=text.number(1 - value),
                reference=reference,
                rank=rank,
            )
        return (
            tr(
                "The {name}'s error is {value} smaller than that of {reference}; {rank}{members}.",
                name=name,
                value=text.percent(abs(value)),
                reference=reference,
                rank=rank,
                members=self._members(),
            )
            if value > 0
            else tr(
                "The {name}'s error is {value} larger than that of {reference}; {rank}{members}.",
                name=name,
                value=text.percent(abs(value)),
                reference=reference,
                rank=rank,
                members=self._members(),
            )
        )

    def _members(self) -> str:
        if not self.members:
            return ""
        return tr(
            ", and the {members} networks of its ensemble have skills from {min} to {max}",
            members=len(self.members),
            min=text.percent(min(self.members)),
            max=text.percent(max(self.members)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StepErrors:
    """Error of each model at each step in `unit`, the trained model first."""

    model: str
    metric: str
    unit: str
    steps: tuple[int, ...]
    error_H: dict[str, tuple[float, ...]]

    @property
    def caption(self) -> str:
        """The model's error at the first and the last step, and how many models have a smaller one at the last."""
        error_H, last = self.error_H[self.model], self.steps[-1]
        better = sum(errors[-1] < error_H[-1] for name, errors in self.error_H.items() if name != self.model)
        near, far = text.steps(self.steps[0], self.unit), text.lead_time(last, self.unit)
        first = tr("{error} at {far}", error=text.number(error_H[-1]), far=far)
        if len(error_H) > 1:
            first = tr("{error} at {near} and {first}", error=text.number(error_H[0]), near=near, first=first)
        return tr_n(
            "The {model}'s {metrics} is {first}; {count} of {models} has a smaller error at {far}.",
            "The {model}'s {metrics} is {first}; {count} of {models} have a smaller error at {far}.",
            better,
            model=text.model_name(self.model),
            metrics=METRICS[self.metric],
            first=first,
            models=text.pluralize(len(self.error_H) - 1, "other model"),
            far=far,
        )


def compute_skill(evaluation: Evaluation, model: str) -> Skill:
    """The skill of every model, undefined ones last."""
    skills = {name: float(entry["skill"]) for name, entry in evaluation.scores.items()}
    names = sorted(skills, key=lambda name: (not np.isfinite(skills[name]), -skills[name]))
    return Skill(
        model=model,
        reference=evaluation.verdict.reference,
        names=tuple(names),
        skill_M=np.array([skills[name] for name in names]),
        members=tuple(float(entry["skill"]) for entry in evaluation.members),
    )


def draw_skill(chart: Skill, height: int | None = None) -> go.Figure:
    """Horizontal bars, best on top; the trained model in blue, the networks of an ensemble as ticks on its bar."""
    figure = go.Figure(bars(chart.skill_M, _colours(chart.names, chart.model), showlegend=False))
    if chart.members:
        row = chart.names.index(chart.model)
        figure.add_trace(
            go.Scatter(
                x=chart.members,
                y=[row] * len(chart.members),
                mode="markers",
                name=tr("networks"),
                showlegend=False,
                hovertemplate=tr("one network: {x}", x="%{x:.1%}") + "<extra></extra>",
                marker={"color": style.OUTCOME, "size": 7, "symbol": "line-ns-open"},
            )
        )
    figure.update_xaxes(tickformat=".0%", nticks=3, tickangle=0)
    figure.add_vline(x=0, line={"color": style.OUTCOME, "width": 1})
    # The numbers stand next to the names: at the ends of bars that run left they would cover the names.
    names = [
        f"{_bold(name, chart.model)}  {_label(value, name == chart.reference)}"
        for name, value in zip(chart.names, chart.skill_M, strict=True)
    ]
    return bar_layout(
        figure,
        names,
        height or 90 + BAR_HEIGHT * len(names),
        tr("skill against {reference}", reference=text.model_name(chart.reference)),
    )


def compute_by_step(evaluation: Evaluation, model: str, metric: str = "rmse") -> StepErrors:
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
    """A thick line for the trained model and thin ones for the others; bars if there is a single step."""
    title = tr("{value} ({name})", value=TITLES[chart.metric], name=text.unit_title(chart.unit))
    if len(chart.steps) == 1:
        return _draw_single(chart, title)
    figure = go.Figure()
    others = sorted((name for name in chart.error_H if name != chart.model), key=lambda name: chart.error_H[name][-1])
    for i, (name, errors) in enumerate(chart.error_H.items()):
        trained = name == chart.model
        figure.add_trace(
            go.Scatter(
                x=chart.steps,
                y=errors,
                name=text.escape(text.model_name(name)),
                hovertemplate="%{y:,.5~r}",
                visible="legendonly" if name in others[LINES - 1 :] else True,
                mode="lines+markers" if len(chart.steps) <= 30 else "lines",
                marker={"size": 7 if trained else 5},
                line={
                    "color": style.MODEL if trained else style.BASELINES[(i - 1) % len(style.BASELINES)],
                    "width": 3 if trained else 1.6,
                    "dash": "solid" if trained else style.DASHES[i % len(style.DASHES)],
                },
            )
        )
    # The legend stands above the lines, with two names in each row of a narrow page.
    style.apply_layout(figure, title, height + 10 * max(0, len(chart.error_H) - LINES), text.step_axis(chart.unit))
    figure.update_yaxes(rangemode="tozero")
    return style.integer_ticks(figure, len(chart.steps))


def _draw_single(chart: StepErrors, title: str) -> go.Figure:
    errors = {name: values[0] for name, values in sorted(chart.error_H.items(), key=lambda pair: pair[1][0])}
    figure = go.Figure(bars(list(errors.values()), _colours(tuple(errors), chart.model), numbers=True))
    names = [_bold(name, chart.model) for name in errors]
    return bar_layout(figure, names, 90 + BAR_HEIGHT * len(errors), title, largest=max(errors.values()))


def _colours(names: tuple[str, ...], model: str) -> dict[str, list[str]]:
    return {"color": [style.MODEL if name == model else style.NEUTRAL for name in names]}


def _label(value: float, reference: bool) -> str:
    if not np.isfinite(value):
        return text.undefined()
    if reference:
        return tr("(reference)")
    return text.skill(value)


def _bold(name: str, model: str) -> str:
    shown = text.escape(text.model_name(name))
    return f"<b>{shown}</b>" if name == model else shown
