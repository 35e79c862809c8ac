"""The verdict on a model in words."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.baselines.registry import BASELINES, phrase
from core.language import figures, join, message, message_n, shown
from core.models.kinds import title_of
from core.types import Verdict

SIGNIFICANT = 0.05
MAX_NAMED = 2  # baselines that one sentence names
LOSS = message("root mean squared error")  # by which the verdict compares the forecasts of the mean


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineResult:
    """A statistical or machine-learning baseline compared with the model: `skill` of the model over it, the p-value of
    that, and the p-value of the baseline's own skill over the reference, 1 if it has none; both corrected for the
    number of baselines."""

    name: str
    skill: float
    p_value: float
    p_value_over_reference: float = 1.0


def build_verdict(
    model: str, reference: str, skill: float, p_value: float, baselines: Sequence[BaselineResult] = ()
) -> Verdict:
    """One sentence on `skill` = 1 − error / error of `reference`, a naive baseline, its two-sided p-value, and a tone.

    Evidence of skill stays good if statistical and machine-learning `baselines` tie with the model, and the sentence
    names them. It does not if one of them is significantly better.
    """
    parts = {"model": message(title_of(model)), "reference": phrase(reference), "p": format_p_value(p_value)}
    parts |= {"skill": figures.percent(abs(skill)), "loss": LOSS}
    verdict = Verdict(text="", tone="bad", skill=skill, p_value=p_value, reference=reference)
    if p_value < SIGNIFICANT and skill > 0:
        return _compare_with(baselines, parts, verdict)
    if reference in BASELINES and BASELINES[reference].equation:
        parts["reference"] = message(BASELINES[reference].equation)
    if skill == -math.inf:
        text = message("No skill: {reference} makes no error at all on the test split, and the {model} does.", **parts)
        return replace(verdict, text=text)
    hint = _predictable(baselines)
    if p_value < SIGNIFICANT:
        text = message(
            "No skill: the {model} is worse than {reference}; its {loss} is {excess} ({p}).",
            **parts,
            excess=_excess(skill),
        )
        return replace(verdict, text=join([text, hint]))
    text = (
        message(
            "No evidence of skill: {skill} better than {reference} by {loss}, which chance could explain ({p}).",
            **parts,
        )
        if skill > 0
        else message(
            "No evidence of skill: {skill} worse than {reference} by {loss}, which chance could explain ({p}).", **parts
        )
    )
    return replace(verdict, tone="none", text=join([text, hint]))


def add_remarks(verdict: Verdict, remarks: Sequence[str]) -> Verdict:
    """The verdict with further plain sentences about the test split."""
    return replace(verdict, text=join([verdict.text, *remarks]))


def withhold(verdict: Verdict, model: str) -> Verdict:
    """The verdict on a direction whose probabilities have a smaller error but whose hits could be luck."""
    p_value = verdict.tests.get("pesaran_timmermann")
    parts = {"model": message(title_of(model)), "reference": phrase(verdict.reference), "loss": LOSS}
    parts |= {"skill": figures.percent(abs(verdict.skill)), "p": format_p_value(verdict.p_value)}
    parts["hits"] = figures.percent(verdict.tests["hit_rate"])
    text = (
        message(
            "No evidence of skill: the {model}'s probabilities have a {loss} {skill} smaller than that of {reference} "
            "({p}), but {hits} of its directions are right, which luck could explain.",
            **parts,
        )
        if p_value is None
        else message(
            "No evidence of skill: the {model}'s probabilities have a {loss} {skill} smaller than that of {reference} "
            "({p}), but {hits} of its directions are right, which luck could explain ({p_of_hits}).",
            **parts,
            p_of_hits=format_p_value(p_value),
        )
    )
    return replace(verdict, tone="none", text=text)


def overrule(verdict: Verdict, features: Sequence[str]) -> Verdict:
    """The verdict on a run whose features see the future: whatever the numbers are, it says nothing of skill."""
    count = len(features)
    ahead = message_n(
        "Not to be believed: {features} looks ahead, and the check was overridden.",
        "Not to be believed: {features} look ahead, and the check was overridden.",
        count,
        features=join_words(list(features), count),
    )
    parts = {"skill": figures.percent(abs(verdict.skill)), "reference": phrase(verdict.reference)}
    errors = (
        message(
            "Errors on the test split are {skill} smaller than those of {reference}, and would not be in real use.",
            **parts,
        )
        if verdict.skill > 0
        else message(
            "Errors on the test split are {skill} larger than those of {reference}, and would not be in real use.",
            **parts,
        )
    )
    return replace(verdict, tone="bad", text=join([ahead, errors]))


def format_p_value(p_value: float) -> str:
    """A p-value in a sentence, with three decimals: p = 0.042, p < 0.001."""
    return message("p {comparison}", comparison=_compare_p_value(p_value))


def show_p_value(p_value: float) -> str:
    """A p-value on its own, under a label that says what it is: 0.042, < 0.001; "undefined" for NaN."""
    return shown(_compare_p_value(p_value)).removeprefix("= ")


def _compare_p_value(p_value: float) -> str:
    if math.isnan(p_value):
        return message("undefined")
    return "< 0.001" if p_value < 0.001 else f"= {p_value:.3f}"


def _compare_with(baselines: Sequence[BaselineResult], parts: dict[str, str], verdict: Verdict) -> Verdict:
    """The verdict on a model that beats every naive baseline, next to the other baselines."""
    better = [b for b in baselines if b.p_value < SIGNIFICANT and b.skill < 0]
    ties = sorted((b for b in baselines if b.p_value >= SIGNIFICANT), key=lambda b: b.skill)  # the strongest first
    verdict = replace(verdict, ties=tuple(b.name for b in ties))
    if better:
        best = min(better, key=lambda b: b.skill)
        text = message(
            "Some skill, but a simpler model has more: the {model}'s {loss} is {skill} smaller than that of "
            "{reference}, "
            "the best naive baseline ({p}); {best} is better still: the {model}'s error is {excess} ({p_of_best}).",
            **parts,
            best=phrase(best.name),
            excess=_excess(best.skill),
            p_of_best=format_p_value(best.p_value),
        )
        return replace(verdict, tone="none", text=text)
    if ties:
        named = [message("{baseline} ({p})", baseline=phrase(b.name), p=format_p_value(b.p_value)) for b in ties]
        text = message(
            "Evidence of skill: the {model}'s {loss} is {skill} smaller than that of {reference}, the best naive "
            "baseline ({p}); ties with {ties}.",
            **parts,
            ties=join_words(named),
        )
    elif baselines:
        text = message(
            "Evidence of skill: the {model}'s {loss} is {skill} smaller than that of {reference}, the best naive "
            "baseline ({p}); smaller than that of {others} too.",
            **parts,
            others=join_words([phrase(b.name) for b in baselines], len(baselines)),
        )
    else:
        text = message(
            "Evidence of skill: the {model}'s {loss} is {skill} smaller than that of {reference}, the best naive "
            "baseline ({p}).",
            **parts,
        )
    return replace(verdict, tone="good", text=text)


def _excess(skill: float) -> str:
    """How much larger an error is than that of the forecast over which the skill is below zero."""
    if skill > -1:
        return message("{share} larger", share=figures.percent(-skill))
    return message("{times} times as large", times=f"{1 - skill:.1f}")


def _predictable(baselines: Sequence[BaselineResult]) -> str:
    """A sentence on the baseline that beats the reference, if there is one."""
    best = min(baselines, key=lambda b: b.p_value_over_reference, default=None)
    if best is None or best.p_value_over_reference >= SIGNIFICANT:
        return ""
    return message(
        "The series is predictable: {baseline} is better than that ({p}).",
        baseline=phrase(best.name),
        p=format_p_value(best.p_value_over_reference),
    )


def join_words(words: Sequence[str], most: int = MAX_NAMED) -> str:
    """Words as a sentence lists them, a message: a, b and c; of more than `most`, the first and how many there are
    beyond them."""
    more = len(words) - most
    if more > 0:
        return message("{words} and {more} more", words=_listed(words[:most]), more=more)
    if len(words) < 2:
        return words[0]
    return message("{words} and {last}", words=_listed(words[:-1]), last=words[-1])


def _listed(words: Sequence[str]) -> str:
    """Words with commas between them, a message."""
    listed = words[0]
    for word in words[1:]:
        listed = message("{words}, {word}", words=listed, word=word)
    return listed
