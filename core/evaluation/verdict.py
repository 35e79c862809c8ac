"""The verdict on a model in words."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.baselines.registry import BASELINES, phrase
from core.models.kinds import title_of
from core.types import Verdict

SIGNIFICANT = 0.05
MAX_NAMED = 2  # baselines that one sentence names
LOSS = "root mean squared error"  # by which the verdict compares the forecasts of the mean


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
    title = phrase(reference)
    name, by, p = title_of(model), f"{abs(skill):.1%}", format_p_value(p_value)
    verdict = Verdict(text="", tone="bad", skill=skill, p_value=p_value, reference=reference)
    if p_value < SIGNIFICANT and skill > 0:
        advantage = f"the {name}'s {LOSS} is {by} smaller than that of {title}, the best naive baseline ({p})"
        return _compare_with(baselines, name, advantage, verdict)
    title = (reference in BASELINES and BASELINES[reference].equation) or title
    if skill == -math.inf:
        return replace(verdict, text=f"No skill: {title} makes no error at all on the test split, and the {name} does.")
    hint = _predictable(baselines)
    if p_value < SIGNIFICANT:
        excess = f"its {LOSS} is {_excess(skill)} ({p})"
        return replace(verdict, text=f"No skill: the {name} is worse than {title}; {excess}.{hint}")
    side = "better" if skill > 0 else "worse"
    text = f"No evidence of skill: {by} {side} than {title} by {LOSS}, which chance could explain ({p}).{hint}"
    return replace(verdict, tone="none", text=text)


def add_remarks(verdict: Verdict, remarks: Sequence[str]) -> Verdict:
    """The verdict with further plain sentences about the test split."""
    return replace(verdict, text=" ".join([verdict.text, *remarks]))


def withhold(verdict: Verdict, model: str) -> Verdict:
    """The verdict on a direction whose probabilities have a smaller error but whose hits could be luck."""
    p_value, hits = verdict.tests.get("pesaran_timmermann"), f"{verdict.tests['hit_rate']:.1%}"
    text = (
        f"No evidence of skill: the {title_of(model)}'s probabilities have a {LOSS} {abs(verdict.skill):.1%} smaller "
        f"than that of {phrase(verdict.reference)} ({format_p_value(verdict.p_value)}), but {hits} of its directions "
        f"are right, which luck could explain" + ("." if p_value is None else f" ({format_p_value(p_value)}).")
    )
    return replace(verdict, tone="none", text=text)


def overrule(verdict: Verdict, features: Sequence[str]) -> Verdict:
    """The verdict on a run whose features see the future: whatever the numbers are, it says nothing of skill."""
    names, plural = join_words(list(features), len(features)), len(features) > 1
    return replace(
        verdict,
        tone="bad",
        text=f"Not to be believed: {names} look{'' if plural else 's'} ahead, and the check was overridden. Errors on "
        f"the test split are {abs(verdict.skill):.1%} {'smaller' if verdict.skill > 0 else 'larger'} than those of "
        f"{phrase(verdict.reference)}, and would not be in real use.",
    )


def format_p_value(p_value: float) -> str:
    """A p-value in a sentence, with three decimals: p = 0.042, p < 0.001."""
    return f"p {_compare_p_value(p_value)}"


def show_p_value(p_value: float) -> str:
    """A p-value on its own, under a label that says what it is: 0.042, < 0.001; "undefined" for NaN."""
    return _compare_p_value(p_value).removeprefix("= ")


def _compare_p_value(p_value: float) -> str:
    if math.isnan(p_value):
        return "undefined"
    return "< 0.001" if p_value < 0.001 else f"= {p_value:.3f}"


def _compare_with(baselines: Sequence[BaselineResult], name: str, advantage: str, verdict: Verdict) -> Verdict:
    """The verdict on a model that beats every naive baseline, next to the other baselines."""
    better = [b for b in baselines if b.p_value < SIGNIFICANT and b.skill < 0]
    ties = sorted((b for b in baselines if b.p_value >= SIGNIFICANT), key=lambda b: b.skill)  # the strongest first
    names = tuple(b.name for b in ties)
    if better:
        best = min(better, key=lambda b: b.skill)
        margin = (
            f"{phrase(best.name)} is better still: the {name}'s error is {_excess(best.skill)} "
            f"({format_p_value(best.p_value)})"
        )
        text = f"Some skill, but a simpler model has more: {advantage}; {margin}."
        return replace(verdict, tone="none", ties=names, text=text)
    others = ""
    if ties:
        others = "; ties with " + join_words([f"{phrase(b.name)} ({format_p_value(b.p_value)})" for b in ties])
    elif baselines:
        others = f"; smaller than that of {join_words([phrase(b.name) for b in baselines], len(baselines))} too"
    return replace(verdict, tone="good", ties=names, text=f"Evidence of skill: {advantage}{others}.")


def _excess(skill: float) -> str:
    """How much larger an error is than that of the forecast over which the skill is below zero."""
    return f"{-skill:.1%} larger" if skill > -1 else f"{1 - skill:.1f} times as large"


def _predictable(baselines: Sequence[BaselineResult]) -> str:
    """A sentence on the baseline that beats the reference, if there is one."""
    best = min(baselines, key=lambda b: b.p_value_over_reference, default=None)
    if best is None or best.p_value_over_reference >= SIGNIFICANT:
        return ""
    title = phrase(best.name)
    return f" The series is predictable: {title} is better than that ({format_p_value(best.p_value_over_reference)})."


def join_words(words: list[str], most: int = MAX_NAMED) -> str:
    """Words as a sentence lists them: a, b and c; of more than `most`, the first and how many there are beyond them."""
    more = len(words) - most
    if more > 0:
        return f"{', '.join(words[:most])} and {more} more"
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
