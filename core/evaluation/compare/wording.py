"""What a comparison says, in sentences; runs go by their letters."""

import math

from core.baselines.registry import phrase
from core.evaluation import significance
from core.evaluation.compare.comparison import Comparison, Pair
from core.evaluation.verdict import format_p_value, join_words
from core.language import figures, message, message_n
from core.types import Run

ANOTHER_LOOK = message(
    "Each of these runs is another look at the same test period, and the best of several looks better than it is: only "
    "outcomes that no run has been judged on can confirm a choice."
)


def describe(comparison: Comparison) -> str:
    """One sentence, a message: which run has the smallest errors on the shared cutoffs, and whether that is
    evidence."""
    pairs, best = comparison.seen_from(comparison.best), comparison.letters[comparison.best]
    parts = {"best": best, "shared": _shared(comparison)}
    if all(pair.difference == 0 for pair in pairs):
        return message("The forecasts of {runs} have the same errors on {shared}.", runs=_all(comparison), **parts)
    corrected = _correction(comparison)
    worse, ties = [p for p in pairs if p.significant], [p for p in pairs if not p.significant]
    if not ties:
        return message(
            "The errors of {best} are {smaller} on {shared}{corrected}.",
            smaller=_smaller(comparison, tuple(worse)),
            corrected=corrected,
            **parts,
        )
    if not worse:
        return message(
            "No evidence of a difference: the errors of {best} are {smaller} on {shared}, which chance could "
            "explain{corrected}.",
            smaller=_smaller(comparison, tuple(ties)),
            corrected=corrected,
            **parts,
        )
    return message(
        "The errors of {best} are {smaller} on {shared}{corrected}. Chance could explain that they are {tied}.",
        smaller=_smaller(comparison, tuple(worse)),
        tied=_smaller(comparison, tuple(ties)),
        corrected=corrected,
        **parts,
    )


def notes(comparison: Comparison, runs: tuple[Run, ...]) -> tuple[str, ...]:
    """What the reader should know of the comparison, one sentence each."""
    return tuple(
        filter(
            None,
            [
                _overlap(comparison),
                _differing(comparison),
                _too_few(comparison),
                _data(comparison, runs),
                _reference(comparison, runs),
                _nominal(comparison),
                *_alarms(comparison, runs),
            ],
        )
    )


def _smaller(comparison: Comparison, pairs: tuple[Pair, ...]) -> str:
    """6.0% smaller than those of B (p = 0.030) and 8.0% smaller than those of C (p = 0.010)."""
    return join_words(
        [
            message(
                "{by} smaller than those of {other} ({p})",
                by=figures.percent(max(pair.skill, 0.0)),
                other=comparison.letters[pair.b],
                p=format_p_value(pair.p_adjusted),
            )
            for pair in pairs
        ],
        len(pairs),
    )


def _correction(comparison: Comparison) -> str:
    count = len(comparison.pairs)
    return message(", after correction for {count} comparisons", count=count) if count > 1 else ""


def _shared(comparison: Comparison) -> str:
    count = comparison.test.cutoffs
    return message_n("{count} shared cutoff", "{count} shared cutoffs", count)


def _all(comparison: Comparison) -> str:
    return join_words(list(comparison.letters), len(comparison.letters))


def _overlap(comparison: Comparison) -> str:
    """How much of each test split is left, unless it is all of it."""
    shared = len(comparison.test.mean.cutoff_N)
    if all(count == shared for count in comparison.test.windows):
        return ""
    counts = [
        message("{count} of {run}", count=f"{count:,}", run=letter)
        for letter, count in zip(comparison.letters, comparison.test.windows, strict=True)
    ]
    return message(
        "The test splits overlap only in part: {shared} test windows are shared, of {counts}. Scores here are those of "
        "the shared windows, and differ from those of each run alone.",
        shared=f"{shared:,}",
        counts=join_words(counts, len(counts)),
    )


def _differing(comparison: Comparison) -> str:
    count = comparison.test.differing
    if not count:
        return ""
    return message_n(
        "{count} window is left out because its outcome differs between the runs, as their data or training splits do.",
        "{count} windows are left out because their outcomes differ between the runs, as their data or training "
        "splits do.",
        count,
    )


def _too_few(comparison: Comparison) -> str:
    if not significance.too_few(comparison.test.cutoffs, comparison.overlap):
        return ""
    return message("{shared} are too few for any test.", shared=_shared(comparison))


def _data(comparison: Comparison, runs: tuple[Run, ...]) -> str:
    if len({run.data_digest for run in runs}) == 1 or any(one.path.startswith("data.") for one in comparison.recipe):
        return ""
    return message(
        "The runs were trained on different rows or values of their series, though their recipes say the same."
    )


def _reference(comparison: Comparison, runs: tuple[Run, ...]) -> str:
    if len({run.evaluation.verdict.reference for run in runs}) == 1:
        return ""
    return message(
        "Skill is that over {reference}, the reference of {first}, for all runs; the verdicts on others have another "
        "reference.",
        reference=phrase(comparison.reference),
        first=comparison.letters[0],
    )


def _nominal(comparison: Comparison) -> str:
    nominal = {run.bands["nominal"] for run in comparison.runs if run.bands}
    if len(nominal) < 2:
        return ""
    return message("The prediction intervals have different nominal coverages, so their widths cannot be compared.")


def _alarms(comparison: Comparison, runs: tuple[Run, ...]) -> list[str]:
    """A sentence for each run with an alarm of look-ahead: its errors mean nothing."""
    return [
        message("A feature of {run} looks ahead, so its errors mean nothing.", run=letter)
        for letter, run in zip(comparison.letters, runs, strict=True)
        if any(alarm.name == "look-ahead" for alarm in run.evaluation.alarms)
    ]


def describe_pair(comparison: Comparison, pair: Pair) -> str:
    """A against B in one sentence, a message."""
    a, b = comparison.letters[pair.a], comparison.letters[pair.b]
    parts = {"a": a, "b": b, "p": format_p_value(pair.p_adjusted)}
    if pair.difference == 0:
        return message("{a} and {b} have the same errors ({p}).", **parts)
    if not math.isfinite(pair.skill):
        return message("{b} makes no error at all, and {a} does ({p}).", **parts)
    if pair.skill < -1:
        return message(
            "The errors of {a} are {times} times those of {b} ({p}).", times=figures.number(1 - pair.skill), **parts
        )
    by = figures.percent(abs(pair.skill))
    if pair.skill > 0:
        return message("The errors of {a} are {by} smaller than those of {b} ({p}).", by=by, **parts)
    return message("The errors of {a} are {by} larger than those of {b} ({p}).", by=by, **parts)
