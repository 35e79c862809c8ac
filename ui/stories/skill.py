"""Here is skill: the naive baselines, what the model knows beyond them, its interval, the test, shuffled outcomes."""

import streamlit as st

from core.charts.evaluation import scores, stories
from core.charts.forecast import fan
from core.evaluation.stories import skill
from core.evaluation.stories.skill import Source
from core.evaluation.verdict import SIGNIFICANT, format_p_value
from core.language import mark, message, tr
from core.spec import Spec
from ui import cache, charts, markdown, names
from ui.home import demo

UNIT = mark("sunspots")
LEVEL = "column:sunspots"
SOURCES = (
    Source(name=message("the last two years"), features=(LEVEL,), lookback=2),
    Source(name=message("the last eleven years"), features=(LEVEL,), lookback=11),
    Source(name=message("the last 24 years"), features=(LEVEL,), lookback=24),
)


def draw() -> None:
    """The story from top to bottom."""
    spec = demo.recipe()
    with st.spinner(tr("Computing the story …")):
        story = _compute(spec)
    st.markdown(
        tr(
            "How many spots will the sun have in each of the next three years? The model is a ridge regression on the "
            "counts of 24 years, trained a moment ago. The series was chosen because its cycle of about eleven years "
            "has been known since 1843: the story shows what skill looks like, and discovers nothing."
        )
    )
    left, right = st.columns(2)
    with left:
        _draw_baselines(story)
    with right:
        _draw_sources(story)
    left, right = st.columns(2)
    with left:
        _draw_band(story)
    with right:
        st.subheader(tr("4 · Rule out luck"))
        st.markdown(_test(story))
        _draw_shuffled(story)
    st.markdown(tr("Next, an LSTM on the same windows, with the same test and the same verdict."))
    demo.button(spec, demo.LABEL, "story-demo")


def _draw_baselines(story: skill.SkillStory) -> None:
    """The errors of the model next to those of every naive baseline."""
    reference = story.verdict.reference
    st.subheader(tr("1 · Beat the simplest forecasts"))
    st.markdown(
        tr(
            "Of all naive forecasts {reference} is the one to beat: three years ahead it is off by {naive} sunspots "
            "(root mean squared error), and the model by {error}. The skill over all steps is **{skill}**.",
            reference=names.baseline(reference),
            naive=f"{story.error_H[reference][-1]:.0f}",
            error=f"{story.error_H[skill.MODEL][-1]:.0f}",
            skill=f"{story.verdict.skill:.1%}",
        )
    )
    error_H = {skill.MODEL: story.error_H[skill.MODEL]} | story.error_H
    steps = scores.StepErrors(model=skill.MODEL, metric="rmse", unit=UNIT, steps=story.steps, error_H=error_H)
    charts.show(scores.draw_by_step(steps, 300), steps.caption, "story-steps")


def _draw_sources(story: skill.SkillStory) -> None:
    """What the model knows from fewer years."""
    st.subheader(tr("2 · Find where it comes from"))
    st.markdown(
        tr(
            "The same model with fewer years to look at. Two years tell whether the count rises or falls; a whole "
            "cycle tells how far there is to go."
        )
    )
    sources = stories.compute_sources(story)
    charts.show(stories.draw_sources(sources), sources.caption, "story-sources")


def _draw_band(story: skill.SkillStory) -> None:
    """The forecasts of the test split with their interval."""
    st.subheader(tr("3 · Say how sure it is"))
    st.markdown(
        tr(
            "The 90 % band is as wide as the errors known at each cutoff ask for (conformal). It covers "
            "**{coverage}** of the test outcomes.",
            coverage=f"{story.covered:.1%}",
        )
    )
    chart = fan.compute(story.forecast, skill.MODEL, story.symbol, story.steps[-1], unit=UNIT)
    charts.show(fan.draw(chart, 300), tr("Each forecast was due three years before its outcome."), "story-band")


def _draw_shuffled(story: skill.SkillStory) -> None:
    """What is left of the skill when the outcomes are shuffled."""
    st.subheader(tr("5 · Take the skill away"))
    st.markdown(
        tr(
            "Now the outcomes of the training windows are dealt out at random, and the same model learns from them. If "
            "skill remained, it would have to come from a leak."
        )
    )
    shuffled = stories.compute_shuffled(story)
    charts.show(stories.draw_shuffled(shuffled), shuffled.caption, "story-shuffled")


def _test(story: skill.SkillStory) -> str:
    """What the test says about the skill, in two sentences."""
    verdict = story.verdict
    low, high = verdict.interval
    parts = {
        "count": f"{story.count:,}",
        "p": markdown.sentence(format_p_value(verdict.p_value)),
        "low": f"{low:.1%}",
        "high": f"{high:.1%}",
    }
    if verdict.p_value < SIGNIFICANT:
        return tr(
            "Over {count} test forecasts luck alone would hardly do that ({p}, Diebold–Mariano). In another period "
            "like this one, expect a skill between {low} and {high}.",
            **parts,
        )
    return tr(
        "Over {count} test forecasts luck alone could do that ({p}, Diebold–Mariano). In another period like this one, "
        "expect a skill between {low} and {high}.",
        **parts,
    )


@st.cache_data(show_spinner=False, max_entries=2)
def _compute(spec: Spec) -> skill.SkillStory:
    return skill.compute(spec, cache.frame(spec.data, None), SOURCES)
