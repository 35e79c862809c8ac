"""The verdict in words."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.types import Verdict

SIGNIFICANT = 0.05
NAMED = 2  # rivals that one sentence names
ELABORATE = ("har", "garch", "ridge", "nlinear", "arima", "lightgbm")  # baselines that are fitted models themselves
TITLES = {
    "last_value": "the last value",
    "drift": "the drift",
    "seasonal": "the value one season ago",
    "mean": "the historical mean",
    "majority": "the majority class",
    "ewma": "EWMA volatility",
    "har": "HAR",
    "garch": "GARCH",
    "ridge": "ridge regression",
    "nlinear": "NLinear",
    "arima": "ARIMA",
    "lightgbm": "LightGBM",
}
TOMORROW = {"last_value": "tomorrow = today"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """An elaborate baseline beside the model: `skill` of the model over it, the p-value of that, and the p-value of
    the baseline's own skill over the reference, 1 where it has none."""

    name: str
    skill: float
    p_value: float
    own_p: float = 1.0


def verdict(model: str, reference: str, skill: float, p_value: float, rivals: Sequence[Rival] = ()) -> Verdict:
    """One sentence on `skill` = 1 − error / error of `reference`, a simple rule, its two-sided p-value, and a tone.

    Evidence of skill stays good beside elaborate baselines that cannot be told from the model, and the sentence names
    them; one that is significantly better takes the praise away.
    """
    rule = TITLES.get(reference, reference)
    name, by, p = model.upper(), f"{abs(skill):.1%}", say_p(p_value)
    if p_value < SIGNIFICANT and skill > 0:
        return _beside(
            name,
            f"errors are {by} smaller than those of {rule}, the best simple rule ({p})",
            rivals,
            Verdict(text="", tone="good", skill=skill, p_value=p_value, reference=reference),
        )
    rule = TOMORROW.get(reference, rule)
    if skill == -math.inf:
        return Verdict(
            text=f"No skill: {rule} makes no error at all on the test part, and the {name} does.",
            tone="bad",
            skill=skill,
            p_value=p_value,
            reference=reference,
        )
    found = _found(rivals)
    if p_value < SIGNIFICANT:
        return Verdict(
            text=f"No skill: the {name} is worse than {rule}; its errors are {1 - skill:.2f} times as large "
            f"({p}).{found}",
            tone="bad",
            skill=skill,
            p_value=p_value,
            reference=reference,
        )
    side = "better" if skill > 0 else "worse"
    return Verdict(
        text=f"No evidence of skill: {by} {side} than {rule}, which chance could explain ({p}).{found}",
        tone="none",
        skill=skill,
        p_value=p_value,
        reference=reference,
    )


def _beside(name: str, found: str, rivals: Sequence[Rival], said: Verdict) -> Verdict:
    """The verdict on a model that is better than every simple rule, with its elaborate rivals."""
    better = [r for r in rivals if r.p_value < SIGNIFICANT and r.skill < 0]
    ties = sorted((r for r in rivals if r.p_value >= SIGNIFICANT), key=lambda r: r.skill)  # the strongest first
    names = tuple(r.name for r in ties)
    if better:
        first = min(better, key=lambda r: r.skill)
        than = (
            f"{TITLES.get(first.name, first.name)} is better still: the {name}'s errors are {1 - first.skill:.2f} "
            f"times as large ({say_p(first.p_value)})"
        )
        return replace(
            said,
            tone="none",
            ties=names,
            text=f"Some skill, but a simpler model has more: the {name}'s {found}; {than}.",
        )
    beside = ""
    if ties:
        beside = "; ties with " + _listed([f"{TITLES.get(r.name, r.name)} ({say_p(r.p_value)})" for r in ties])
    elif rivals:
        beside = f"; smaller than those of {_listed([TITLES.get(r.name, r.name) for r in rivals], len(rivals))} too"
    return replace(said, ties=names, text=f"Evidence of skill: the {name}'s {found}{beside}.")


def _found(rivals: Sequence[Rival]) -> str:
    """The elaborate baseline that does know something, where there is one; Bonferroni over all that were asked."""
    first = min(rivals, key=lambda r: r.own_p, default=None)
    if first is None or first.own_p * len(rivals) >= SIGNIFICANT:
        return ""
    title = TITLES.get(first.name, first.name)
    return f" There is something to know: {title} is better than that ({say_p(first.own_p)})."


def _listed(words: list[str], most: int = NAMED) -> str:
    more = len(words) - most
    if more > 0:
        return f"{', '.join(words[:most])} and {more} more"
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def remarked(said: Verdict, remarks: Sequence[str]) -> Verdict:
    """The verdict with further plain sentences about the test part behind it."""
    return replace(said, text=" ".join([said.text, *remarks]))


def overruled(said: Verdict, features: Sequence[str]) -> Verdict:
    """The verdict on a run whose features see the future: whatever the numbers are, it says nothing of skill."""
    named, many = _listed(list(features), len(features)), len(features) > 1
    return replace(
        said,
        tone="bad",
        text=f"Not to be believed: {named} look{'' if many else 's'} ahead, and the check "
        f"was overridden. Errors on the test part are {abs(said.skill):.1%} "
        f"{'smaller' if said.skill > 0 else 'larger'} than those of "
        f"{TITLES.get(said.reference, said.reference)}, and would not be in real use.",
    )


def say_p(p_value: float) -> str:
    return "p < .001" if p_value < 0.001 else f"p = {p_value:.3f}".replace("0.", ".")
