"""The verdict of a run, the figures behind it, and the badge on every view that explains a model without skill."""

import math
import statistics
from typing import NamedTuple

import streamlit as st

from core.charts import text
from core.evaluation.alarms import TITLES
from core.evaluation.verdict import SIGNIFICANT, format_p_value, join_words, show_p_value
from core.language import mark, shown, tr
from core.types import Evaluation, Run, Verdict
from ui import glossary, markdown, messages, names

NO_SKILL = mark("No evidence of skill: this explains the model, not the data")
HEADLINES = {"good": mark("Evidence of skill"), "bad": mark("No skill"), "none": mark("No evidence of skill")}
SIMPLER_IS_BETTER = mark("A simpler model does better: this explains the model, not the data")


class Metric(NamedTuple):
    """One figure of a row: what it is called, its value, what the tooltip says, and a line below it."""

    label: str
    value: str
    help: str
    below: str | None = None


def draw_chip(run: Run) -> None:
    """The verdict on a run in one line below its name: its colour, what to beware of, and how its error compares."""
    evaluation = run.evaluation
    alarms = "".join(f" :orange-badge[:material/warning: {_title(alarm.name)}]" for alarm in evaluation.alarms)
    st.markdown(
        f"{badge(evaluation.verdict.tone, headline(evaluation.verdict.text, evaluation.verdict.tone))}{alarms} "
        f":small[{markdown.sentence(describe_short(evaluation.verdict))}]"
    )


def draw_details(evaluation: Evaluation) -> None:
    """The verdict in full, every alarm and the baselines that took no part, folded; for the pages with a chip."""
    with st.expander(tr("The verdict in full"), icon=":material/gavel:"):
        draw(evaluation)
        draw_left_out(evaluation)


def badge(tone: str, words: str) -> str:
    """A few words in the colour of a tone, as Markdown."""
    colour, icon = {"good": ("green", "check_circle"), "bad": ("red", "cancel")}.get(tone, ("orange", "help"))
    return f":{colour}-badge[:material/{icon}: {markdown.escape(words)}]"


def headline(text: str, tone: str) -> str:
    """The first words of a verdict with this text and tone, which say what it is: Evidence of skill, No skill, …"""
    words = shown(text)
    return words.partition(":")[0] if ":" in words else tr(HEADLINES.get(tone, HEADLINES["none"]))


def describe_short(verdict: Verdict) -> str:
    """How the error compares with that of the reference, in one short sentence."""
    parts = {"reference": names.baseline(verdict.reference), "p": format_p_value(verdict.p_value)}
    if not math.isfinite(verdict.skill):
        return tr("The reference, {reference}, makes no error on the test split.", **parts)
    if verdict.skill <= -1:
        times = text.number(1 - verdict.skill)
        return tr("Its error is {times} times that of {reference} ({p}).", times=times, **parts)
    by = text.percent(abs(verdict.skill))
    if verdict.skill > 0:
        return tr("Its error is {by} smaller than that of {reference} ({p}).", by=by, **parts)
    return tr("Its error is {by} larger than that of {reference} ({p}).", by=by, **parts)


def draw(evaluation: Evaluation) -> None:
    """The verdict in its colour, and every alarm."""
    verdict = evaluation.verdict
    box = {"good": st.success, "bad": st.error}.get(verdict.tone, st.warning)
    icon = {"good": ":material/check_circle:", "bad": ":material/cancel:"}.get(verdict.tone, ":material/help:")
    box(f"**{markdown.sentence(verdict.text)}**", icon=icon)
    for alarm in evaluation.alarms:
        messages.alarm(alarm.name, alarm.text)


def draw_left_out(evaluation: Evaluation) -> None:
    """The baselines that took no part, with the reason."""
    for reason in dict.fromkeys(evaluation.left_out.values()):
        titles = [names.baseline(name) for name, why in evaluation.left_out.items() if why == reason]
        baselines = join_words(titles, len(titles))
        st.caption(markdown.escape(tr("Not compared with {baselines}: {reason}", baselines=baselines, reason=reason)))


def draw_badge(run: Run) -> None:
    """The warning on every view that explains a model; nothing for a model with skill."""
    verdict = run.evaluation.verdict
    if verdict.tone == "none" and verdict.skill > 0 and verdict.p_value < SIGNIFICANT:
        st.caption(f":orange-badge[{tr(SIMPLER_IS_BETTER)}]")
    elif verdict.tone != "good":
        st.caption(f":orange-badge[{tr(NO_SKILL)}]")


def draw_metrics(run: Run) -> None:
    """The figures behind a verdict in one row."""
    evaluation = run.evaluation
    verdict, bands = evaluation.verdict, evaluation.bands
    row = [
        Metric(
            tr("Skill"),
            text.skill(verdict.skill),
            " ".join((glossary.explain("skill"), _reference(verdict), glossary.explain("skill interval"))),
            _interval(evaluation),
        ),
        Metric(
            tr("p-value"),
            show_p_value(verdict.p_value),
            tr("{explanation} (Diebold–Mariano test)", explanation=glossary.explain("p-value")),
        ),
    ]
    row += _distribution(verdict)
    if bands:
        row.append(
            Metric(
                tr("{coverage} band covers", coverage=f"{bands['nominal']:.0%}"),
                f"{bands['coverage']:.1%}",
                f"{glossary.explain('coverage')} {glossary.explain('prediction interval')}",
            )
        )
    row += _hits(verdict)
    seen = tr("Forecasts that judge the model; it never saw them")
    row.append(Metric(tr("Test windows"), f"{run.rows['test']:,}", seen))
    draw_row(row)


def _reference(verdict: Verdict) -> str:
    return tr(
        "Here the reference is {reference}, and errors are root mean squared ones on the test split. Below is the "
        "skill interval.",
        reference=names.baseline(verdict.reference),
    )


def draw_row(metrics: list[Metric], across: int | None = None) -> None:
    """Metrics side by side, in `across` columns; by default one for each."""
    for column, metric in zip(st.columns(across or len(metrics)), metrics, strict=across is None):
        column.metric(
            metric.label, metric.value, delta=metric.below, delta_color="off", delta_arrow="off", help=metric.help
        )


def _distribution(verdict: Verdict) -> list[Metric]:
    """The skill of the forecast as a distribution, and of a volatility by QLIKE."""
    tests = verdict.tests
    if "pinball" not in tests:
        return []
    p_value = shown(format_p_value(tests["pinball"]))
    by_qlike = (
        f"QLIKE {text.skill(tests['qlike_skill'])} ({shown(format_p_value(tests['qlike']))})"
        if "qlike" in tests
        else None
    )
    return [
        Metric(
            tr("Distribution skill"),
            text.skill(tests["pinball_skill"]),
            tr(
                "1 − mean pinball loss / that of the same baseline, over nine quantiles ({p}, Diebold–Mariano). "
                "Quantiles of a baseline come from its own errors",
                p=p_value,
            ),
            by_qlike or p_value,
        )
    ]


def _hits(verdict: Verdict) -> list[Metric]:
    """Of a direction: its hit rate next to the majority share, and whether the hits could be luck."""
    if "hit_rate" not in verdict.tests:
        return []
    tests, p_value = verdict.tests, verdict.tests.get("pesaran_timmermann")
    return [
        Metric(
            tr("Hit rate"),
            f"{tests['hit_rate']:.1%}",
            tr(
                "At the last step, over labels that do not overlap; 95 % interval {low} to {high} (Wilson)",
                low=f"{tests['hit_low']:.1%}",
                high=f"{tests['hit_high']:.1%}",
            ),
            tr("always the same direction: {share}", share=f"{tests['majority_share']:.1%}"),
        ),
        Metric(
            tr("p-value of hits"),
            text.undefined() if p_value is None else show_p_value(p_value),
            f"{tr('Pesaran–Timmermann: how often forecasts without skill hit this often.')} "
            + glossary.explain("p-value"),
        ),
    ]


def _interval(evaluation: Evaluation) -> str | None:
    """The interval of the skill, and the skill of an ensemble's networks one by one."""
    low, high = evaluation.verdict.interval
    ends = {"least": text.skill(low), "most": text.skill(high)}
    bounds = tr("{least} to {most}", **ends) if math.isfinite(low) else tr("at most {most}", most=ends["most"])
    parts = [bounds] if math.isfinite(high) else []
    skills = [member["skill"] for member in evaluation.members]
    if skills:
        mean, spread = statistics.mean(skills), statistics.stdev(skills)
        alone = {"count": len(skills), "mean": text.skill(mean), "spread": f"{spread:.1%}"}
        parts.append(tr("{count} networks alone: {mean} ± {spread}", **alone))
    return "; ".join(parts) or None


def _title(alarm: str) -> str:
    return markdown.escape(TITLES[alarm] if alarm in TITLES else alarm.capitalize())
