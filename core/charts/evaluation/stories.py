"""The charts of the two stories: what each source of skill gives, skill after a shuffle, an error with and without
mistakes.

Axis letters: R rows, S shuffles.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.charts.evaluation import persistence
from core.charts.forecast.past_forecasts import PastForecasts
from core.charts.primitives import bar_layout, bars
from core.evaluation.stories import next_day
from core.evaluation.stories.leaks import Trial
from core.evaluation.stories.next_day import NextDay
from core.evaluation.stories.skill import SkillStory
from core.language import message, shown, tr
from core.types import Floats

BAR_HEIGHT, MARGIN = 40, 80  # pixels
WIDEST = 1.6  # times the error of tomorrow = today: a longer bar ends here
TODAY, HONEST, REPORTED = message("tomorrow = today"), message("done honestly"), message("with these mistakes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The skill of a model with some of its inputs alone, from few to all."""

    reference: str
    names: tuple[str, ...]
    skill_R: Floats

    @property
    def caption(self) -> str:
        """The inputs that give least and those that give most."""
        least, most = int(np.argmin(self.skill_R)), int(np.argmax(self.skill_R))
        return tr(
            "The model's skill over {reference} is {skill} with {names}, and {skill_2} with {names_2} alone.",
            reference=text.the_model(self.reference),
            skill=text.percent(self.skill_R[most]),
            names=self.names[most],
            skill_2=text.percent(self.skill_R[least]),
            names_2=self.names[least],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shuffled:
    """The skill of a model, and of the same model after its training outcomes were shuffled."""

    reference: str
    skill: float
    shuffled_S: Floats

    @property
    def caption(self) -> str:
        """The largest skill after a shuffle next to the true one."""
        return tr(
            "After {shuffles} of the training outcomes the skill is at most {shuffled}; with the true outcomes it is "
            "{skill}.",
            shuffles=text.pluralize(len(self.shuffled_S), "shuffle"),
            shuffled=text.percent(float(self.shuffled_S.max())),
            skill=text.percent(self.skill),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistakes:
    """The error of the same model done honestly and with mistakes, in units of that of tomorrow = today."""

    honest: float
    reported: float

    @property
    def caption(self) -> str:
        """Both errors and the difference that the mistakes make."""
        honest, reported = times(self.honest), times(self.reported)
        if honest == reported:
            return tr(
                "The error is {honest} that of tomorrow = today, as it is when everything is done honestly.",
                honest=honest,
            )
        return (
            tr(
                "The error reported is {reported} that of tomorrow = today; done honestly it is {honest}. The "
                "mistakes make it {reported_2} smaller.",
                reported=reported,
                honest=honest,
                reported_2=text.percent(abs(1 - self.reported / self.honest)),
            )
            if self.reported < self.honest
            else tr(
                "The error reported is {reported} that of tomorrow = today; done honestly it is {honest}. The "
                "mistakes make it {reported_2} larger.",
                reported=reported,
                honest=honest,
                reported_2=text.percent(abs(1 - self.reported / self.honest)),
            )
        )


def compute_sources(story: SkillStory) -> Sources:
    """The skill of each source of a story."""
    skill_R = np.array(list(story.by_source.values()))
    return Sources(reference=story.verdict.reference, names=tuple(story.by_source), skill_R=skill_R)


def compute_shuffled(story: SkillStory) -> Shuffled:
    """The skill of a story before and after the shuffles."""
    verdict = story.verdict
    return Shuffled(reference=verdict.reference, skill=verdict.skill, shuffled_S=story.shuffled_S)


def compute_next_day(story: NextDay) -> persistence.Persistence:
    """The chart that shows whether a forecast repeats the last value, of the next-day story."""
    nothing_N = np.full(len(story.y_N), np.nan)
    track = PastForecasts(
        model=next_day.MODEL,
        symbol=story.symbol,
        step=1,
        unit=story.unit,
        coverage=0.0,
        binary=False,
        cutoff_N=story.cutoff_N,
        time_N=story.time_N,
        y_N=story.y_N,
        yhat_N=story.yhat_N,
        lo_N=nothing_N,
        hi_N=nothing_N,
    )
    return persistence.compute(track, story.correlation)


def compute_mistakes(honest: Trial, reported: Trial) -> Mistakes:
    """The errors of two trials relative to tomorrow = today on their own test windows."""
    return Mistakes(honest=honest.ratio, reported=reported.ratio)


def times(ratio: float) -> str:
    """A ratio for a sentence: 0.51 times."""
    return tr("{ratio} times", ratio=f"{ratio:.2f}") if ratio < 10 else tr("{ratio} times", ratio=f"{ratio:.1f}")


def draw_sources(chart: Sources) -> go.Figure:
    """A bar for each source, few inputs on top."""
    largest = float(chart.skill_R.max())
    colours = [style.MODEL if value == largest else style.NEUTRAL for value in chart.skill_R]
    label_R = [text.percent(value) for value in chart.skill_R]
    figure = go.Figure(bars(chart.skill_R, {"color": colours}, numbers=True, text=label_R))
    figure.update_xaxes(tickformat=".0%")
    names = [text.escape(shown(name)) for name in chart.names]
    return bar_layout(figure, names, MARGIN + BAR_HEIGHT * len(names), _axis(chart.reference), largest)


def draw_shuffled(chart: Shuffled, height: int = 170) -> go.Figure:
    """A grey dot for each shuffle and a blue one for the truth, on one axis of skill."""
    figure = go.Figure()
    for name, skill_S, colour, size, row in (
        (tr("outcomes shuffled"), chart.shuffled_S, style.NEUTRAL, 10, 1),
        (tr("true outcomes"), np.array([chart.skill]), style.MODEL, 16, 0),
    ):
        figure.add_trace(
            go.Scatter(
                x=skill_S,
                y=[row] * len(skill_S),
                mode="markers",
                showlegend=False,
                hovertemplate=f"{name}: %{{x:.1%}}<extra></extra>",
                marker={"color": colour, "size": size, "opacity": 0.7, "line": {"color": style.PAPER, "width": 1}},
            )
        )
    style.apply_layout(figure, "", height, _axis(chart.reference), hover="closest")
    figure.update_xaxes(tickformat=".0%")
    figure.add_vline(x=0, line={"color": style.OUTCOME, "width": 1})
    return style.label_positions(figure, [tr("true outcomes"), tr("outcomes shuffled")])


def draw_mistakes(chart: Mistakes) -> go.Figure:
    """Three bars that move when a mistake is switched; one that is too long ends at the edge with its number."""
    error_R = [1.0, chart.honest, chart.reported]
    better = chart.reported < min(1.0, chart.honest)
    colours = [style.NEUTRAL, style.MODEL, style.BAD if better else style.REFERENCE]
    shown_R = [min(value, WIDEST) for value in error_R]
    label_R = [f"{value:.2f} ×" if value <= WIDEST else f"{value:.1f} × →" for value in error_R]
    figure = go.Figure(bars(shown_R, {"color": colours}, numbers=True, text=label_R))
    figure.add_vline(x=1, line={"color": style.OUTCOME, "width": 1, "dash": "dot"})
    figure.update_layout(transition={"duration": 400})
    names = [text.escape(shown(name)) for name in (TODAY, HONEST, REPORTED)]
    return bar_layout(
        figure, names, MARGIN + BAR_HEIGHT * 3, tr("error in units of that of tomorrow = today"), largest=WIDEST
    )


def _axis(reference: str) -> str:
    return tr("skill against {reference}", reference=text.the_model(reference))
