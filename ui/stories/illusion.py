"""Here is an illusion: an R² of .99 without skill, and three mistakes to make oneself."""

import streamlit as st

from core.charts.evaluation import persistence, stories
from core.evaluation.stories import leaks, next_day
from core.evaluation.stories.leaks import CHANGE, LEVEL, Defence, Leaks, Trial
from core.evaluation.verdict import SIGNIFICANT, format_p_value
from core.language import mark, tr
from core.spec import Spec
from ui import cache, charts, markdown, messages
from ui.home import demo

LEARNS = {CHANGE: mark("the change from the last close"), LEVEL: mark("the close itself, squeezed between 0 and 1")}
MISTAKES = {  # toggles, by the field of Leaks
    "scaler": (mark("Scaler leakage"), mark("The scaler is fitted on all rows, those of the test period too")),
    "split": (mark("Shuffled split"), mark("Windows go to training and test at random, though they overlap")),
    "indicator": (mark("Look-ahead indicator"), mark("An input whose value on a day takes closes of later days")),
}
TRAIN = mark("Train an LSTM on it")


def draw() -> None:
    """The story from top to bottom."""
    spec = demo.illusion()
    _draw_next_day(spec)
    _draw_mistakes(spec)
    st.markdown(tr("Next, let an LSTM try tomorrow's close, and read the verdict."))
    demo.button(spec, TRAIN, "story-illusion", primary=False)


def _draw_next_day(spec: Spec) -> None:
    story = _next_day(spec)
    st.subheader(tr("1 · An R² that says nothing"))
    st.markdown(
        tr(
            "A ridge regression forecasts tomorrow's close of the S&P 500 with an R² of **{r2}**. Saying “tomorrow = "
            "today” has an R² of **{naive_r2}**. {difference}",
            r2=f"{story.r2:.4f}",
            naive_r2=f"{story.naive_r2:.4f}",
            difference=_difference(story),
        )
    )
    chart = stories.compute_next_day(story)
    left, right = st.columns([3, 2])
    with left:
        charts.show(persistence.draw(chart, 280), chart.caption, "story-lines")
    with right:
        charts.show(persistence.draw_lags(chart, 280), chart.lag_caption, "story-lags")
    if story.alarm is not None:
        messages.alarm(story.alarm.name, story.alarm.text)


def _difference(story: next_day.NextDay) -> str:
    """Both errors, and whether their difference could be chance."""
    parts = {
        "error": f"{story.error:.2f}",
        "naive": f"{story.naive:.2f}",
        "p": markdown.sentence(format_p_value(story.p_value)),
    }
    if story.p_value >= SIGNIFICANT:
        return tr(
            "The model is off by {error} points, the simple forecast by {naive}: a difference that chance could "
            "explain ({p}).",
            **parts,
        )
    return tr(
        "The model is off by {error} points, the simple forecast by {naive}: a difference that is no chance ({p}).",
        **parts,
    )


@st.fragment  # a toggle redraws its own part of the page
def _draw_mistakes(spec: Spec) -> None:
    st.subheader(tr("2 · Make the mistakes yourself"))
    st.markdown(
        tr(
            "The same series, {horizon} days ahead, by a small model with a good memory. Switch a mistake on and see "
            "what you would report.",
            horizon=leaks.HORIZON,
        )
    )
    left, right = st.columns([2, 3])
    with left:
        learns = _choose_learns()
        mistakes = {
            name: st.toggle(tr(title), key=f"leak-{name}", help=tr(text), bind="query-params")
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
            tr(
                "**{mistake}** · on its own it moves the error from {honest} to {alone} that of tomorrow = today",
                mistake=tr(MISTAKES[name][0]),
                honest=stories.times(honest.ratio),
                alone=stories.times(alone.ratio),
            )
        )
        left, right = st.columns(2)
        left.markdown(f"**{tr('Why.')}** {REASONS[name](honest, alone, learns)}")
        with right:
            st.markdown(f"**{tr('What Lookback does.')}** {DEFENCES[name](honest)}")
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
        before, after = f"{honest.error:.2f}", f"{alone.error:.2f}"
        if before == after:
            return tr(
                "Here the leak changes nothing: this model undoes whatever scale its inputs have. Often this leak is "
                "harmless, and nobody can tell beforehand. Let the model learn the close itself to see where it is not."
            )
        return tr(
            "Here the leak moves the error from {before} to {after} points: this model undoes whatever scale its "
            "inputs have. Often this leak is harmless, and nobody can tell beforehand. Let the model learn the close "
            "itself to see where it is not.",
            before=before,
            after=after,
        )
    return tr(
        "The range of the scaler reaches up to {leaked}, a close that lay in the future. Fitted on training rows it "
        "ends at {honest}, and every close above looks the same to the model.",
        leaked=f"{alone.highest:,.0f}",
        honest=f"{honest.highest:,.0f}",
    )


def _why_split(honest: Trial, alone: Trial, learns: str) -> str:
    return tr(
        "{share} of the test windows have a day among their outcomes that the model was taught in training. It looks "
        "up the window of the day before and remembers the answer.",
        share=f"{alone.shared:.0%}",
    )


def _why_indicator(honest: Trial, alone: Trial, learns: str) -> str:
    text = tr(
        "The detrended price, as chart programs draw it, subtracts a mean of twenty closes that ends eleven days "
        "ahead. On past days that mean is there; on the last day, when you need it, it is not."
    )
    if alone.ratio < honest.ratio:
        return text
    alike = tr("Here it does not help alone: most closes of the test period look the same to the model.")
    return f"{text} {alike}"


def _against_scaler(honest: Trial) -> str:
    return tr(
        "Scalers are fitted on training rows, and no setting changes that. A price is learned as its change from the "
        "last close."
    )


def _against_split(honest: Trial) -> str:
    return tr(
        "Training, validation, calibration and test follow each other in time, and windows whose outcome reaches into "
        "the next part are left out (purging). The share of such test windows is {share}.",
        share=f"{honest.shared:.0%}",
    )


def _against_indicator(honest: Trial) -> str:
    return tr(
        "Every feature is computed again without its future, and every input is tested for the target's. Both notice:"
    )


REASONS = {"scaler": _why_scaler, "split": _why_split, "indicator": _why_indicator}
DEFENCES = {"scaler": _against_scaler, "split": _against_split, "indicator": _against_indicator}


def _choose_learns() -> str:
    """What the model learns; its code stands in the address, where a binding would put its words, as it once did."""
    named, codes = st.query_params.get("learns"), [*LEARNS]
    at = next((number for number, code in enumerate(codes) if named in (code, LEARNS[code])), 0)
    learns = st.radio(tr("The model learns"), codes, index=at, format_func=_learns, key="learns")
    st.query_params["learns"] = learns
    return learns


def _learns(learns: str) -> str:
    return tr(LEARNS[learns])


@st.cache_data(show_spinner=False, max_entries=2)
def _next_day(spec: Spec) -> next_day.NextDay:
    return next_day.compute(spec, cache.frame(spec.data, None))


@st.cache_data(show_spinner=False, max_entries=32)
def _measure(spec: Spec, mistakes: Leaks, learns: str) -> Trial:
    return leaks.measure(spec, cache.frame(spec.data, None), mistakes, learns)


@st.cache_data(show_spinner=False, max_entries=2)
def _check(spec: Spec) -> Defence:
    return leaks.check_indicator(spec, cache.frame(spec.data, None))
