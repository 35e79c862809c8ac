"""Here is an illusion: an R² of .99 without skill, and three mistakes to make oneself."""

import streamlit as st

from core.charts.evaluation import persistence, stories
from core.evaluation.stories import leaks, next_day
from core.evaluation.stories.leaks import CHANGE, LEVEL, Defence, Leaks, Trial
from core.evaluation.verdict import SIGNIFICANT, format_p_value
from core.spec import Spec
from ui import cache, charts, markdown, messages
from ui.home import demo

LEARNS = {CHANGE: "the change from the last close", LEVEL: "the close itself, squeezed between 0 and 1"}
MISTAKES = {  # toggles, by the field of Leaks
    "scaler": ("Scaler leakage", "The scaler is fitted on all rows, those of the test period too"),
    "split": ("Shuffled split", "Windows go to training and test at random, though they overlap"),
    "indicator": ("Look-ahead indicator", "An input whose value on a day takes closes of later days"),
}


def draw() -> None:
    """The story from top to bottom."""
    spec = demo.illusion()
    _draw_next_day(spec)
    _draw_mistakes(spec)
    st.markdown("Next, let an LSTM try tomorrow's close, and read the verdict.")
    demo.button(spec, "Train an LSTM on it", "story-illusion", primary=False)


def _draw_next_day(spec: Spec) -> None:
    story = _next_day(spec)
    by_chance = "that chance could explain" if story.p_value >= SIGNIFICANT else "that is no chance"
    st.subheader("1 · An R² that says nothing")
    st.markdown(
        f"A ridge regression forecasts tomorrow's close of the S&P 500 with an R² of **{story.r2:.4f}**. Saying "
        f"“tomorrow = today” has an R² of **{story.naive_r2:.4f}**. The model is off by {story.error:.2f} points, the "
        f"simple forecast by {story.naive:.2f}: a difference {by_chance} "
        f"({markdown.sentence(format_p_value(story.p_value))})."
    )
    chart = stories.compute_next_day(story)
    left, right = st.columns([3, 2])
    with left:
        charts.show(persistence.draw(chart, 280), chart.caption, "story-lines")
    with right:
        charts.show(persistence.draw_lags(chart, 280), chart.lag_caption, "story-lags")
    if story.alarm is not None:
        messages.alarm(story.alarm.name, story.alarm.text)


@st.fragment  # a toggle redraws its own part of the page
def _draw_mistakes(spec: Spec) -> None:
    st.subheader("2 · Make the mistakes yourself")
    st.markdown(
        f"The same series, {leaks.HORIZON} days ahead, by a small model with a good memory. Switch a mistake on and "
        "see what you would report."
    )
    left, right = st.columns([2, 3])
    with left:
        learns = st.radio("The model learns", [*LEARNS], format_func=_learns, key="learns", bind="query-params")
        mistakes = {
            name: st.toggle(title, key=f"leak-{name}", help=text, bind="query-params")
            for name, (title, text) in MISTAKES.items()
        }
    honest, reported = _measure(spec, Leaks(), learns), _measure(spec, Leaks(**mistakes), learns)
    with right:
        chart = stories.compute_mistakes(honest, reported)
        charts.show(stories.draw_mistakes(chart), chart.caption, "story-mistakes")
    for name, on in mistakes.items():
        if on:
            _draw_reason(spec, name, honest, _measure(spec, Leaks(**{name: True}), learns), learns)


def _draw_reason(spec: Spec, name: str, honest: Trial, alone: Trial, learns: str) -> None:
    """Why one mistake moves the number, how far on its own, and what is done against it."""
    with st.container(border=True, key=f"reason-{name}"):
        st.markdown(
            f"**{MISTAKES[name][0]}** · on its own it moves the error from {stories.times(honest.ratio)} to "
            f"{stories.times(alone.ratio)} that of tomorrow = today"
        )
        left, right = st.columns(2)
        left.markdown(f"**Why.** {REASONS[name](honest, alone, learns)}")
        with right:
            st.markdown(f"**What Lookback does.** {DEFENCES[name](honest)}")
            if name == "indicator":
                _draw_defence(_check(spec))


def _draw_defence(defence: Defence) -> None:
    """The words of the checks themselves."""
    if defence.refusal:
        messages.error(defence.refusal)
    for alarm in defence.alarms:
        messages.alarm(alarm.name, alarm.text)


def _why_scaler(honest: Trial, alone: Trial, learns: str) -> str:
    if learns == CHANGE:
        same = f"{honest.error:.2f}" == f"{alone.error:.2f}"
        effect = "changes nothing" if same else f"moves the error from {honest.error:.2f} to {alone.error:.2f} points"
        return (
            f"Here the leak {effect}: this model undoes whatever scale its inputs have. Often this leak is harmless, "
            "and nobody can tell beforehand. Let the model learn the close itself to see where it is not."
        )
    return (
        f"The range of the scaler reaches up to {alone.highest:,.0f}, a close that lay in the future. Fitted on "
        f"training rows it ends at {honest.highest:,.0f}, and every close above looks the same to the model."
    )


def _why_split(honest: Trial, alone: Trial, learns: str) -> str:
    return (
        f"{alone.shared:.0%} of the test windows have a day among their outcomes that the model was taught in "
        "training. It looks up the window of the day before and remembers the answer."
    )


def _why_indicator(honest: Trial, alone: Trial, learns: str) -> str:
    text = (
        "The detrended price, as chart programs draw it, subtracts a mean of twenty closes that ends eleven days "
        "ahead. On past days that mean is there; on the last day, when you need it, it is not."
    )
    if alone.ratio < honest.ratio:
        return text
    return f"{text} Here it does not help alone: most closes of the test period look the same to the model."


def _against_scaler(honest: Trial) -> str:
    return (
        "Scalers are fitted on training rows, and no setting changes that. A price is learned as its change from the "
        "last close."
    )


def _against_split(honest: Trial) -> str:
    return (
        "Training, validation, calibration and test follow each other in time, and windows whose outcome reaches into "
        f"the next part are left out (purging). The share of such test windows is {honest.shared:.0%}."
    )


def _against_indicator(honest: Trial) -> str:
    return (
        "Every feature is computed again without its future, and every input is tested for the target's. Both notice:"
    )


REASONS = {"scaler": _why_scaler, "split": _why_split, "indicator": _why_indicator}
DEFENCES = {"scaler": _against_scaler, "split": _against_split, "indicator": _against_indicator}


def _learns(learns: str) -> str:
    return LEARNS[learns]


@st.cache_data(show_spinner=False, max_entries=2)
def _next_day(spec: Spec) -> next_day.NextDay:
    return next_day.compute(spec, cache.frame(spec.data, None))


@st.cache_data(show_spinner=False, max_entries=32)
def _measure(spec: Spec, mistakes: Leaks, learns: str) -> Trial:
    return leaks.measure(spec, cache.frame(spec.data, None), mistakes, learns)


@st.cache_data(show_spinner=False, max_entries=2)
def _check(spec: Spec) -> Defence:
    return leaks.check_indicator(spec, cache.frame(spec.data, None))
