"""Explanation reliability: does it add up, agree over seeds, and name what moves the forecast?"""

import math

import streamlit as st

from core.charts import text
from core.charts.explanation import deletion_insertion
from core.explain import reliability
from core.explain.reliability import NoiseProbe, Reliability
from core.types import Run
from ui import charts, markdown, names, verdict
from ui.jobs import results
from ui.verdict import Metric, draw_row

NAMED = 8  # features that one sentence can list
ACROSS = 5  # metrics of one row
QUICK = 10.0  # s up to which the checks start by themselves


def draw(run: Run) -> None:
    """The skill, the checks of the explanation so far, and the jobs that make them."""
    st.subheader("How reliable is this explanation?")
    verdict.draw_badge(run)
    checks, noise = _read(run)
    _draw_metrics(_metrics(run, checks, noise))
    if checks is not None:
        curves = deletion_insertion.compute(checks.deletion, checks.insertion)
        charts.show(deletion_insertion.draw(curves), curves.caption, "reliability-deletion")
    if noise is not None:
        st.markdown(markdown.escape(describe_noise(noise, names.step(run))))
    seconds = reliability.estimate_seconds(run)
    quick = checks is None and seconds is not None and seconds <= QUICK
    if quick:
        st.markdown(f"It is checked now, in a worker. That takes about {max(1.0, seconds or 0):.0f} s.")
    results.offer(
        run,
        "trust",
        "Check it again" if checks else "Check it",
        f"Checking the explanation of run {run.id}",
        reliability.compute,
        at_once=quick,
    )
    results.offer(
        run,
        "noise",
        "Retrain with noise features",
        f"Adding noise features to run {run.id}",
        reliability.compute_noise_probe,
    )
    st.caption(f"{_describe_seeds(checks)} {_describe_costs(run)}".strip())


def draw_line(run: Run) -> None:
    """The same in one line, for the other pages that explain a model."""
    metrics = "; ".join(f"{metric.label.lower()} {metric.value}" for metric in _metrics(run, *_read(run)))
    left, right = st.columns([5, 1], vertical_alignment="center")
    left.caption(markdown.escape(f"Explanation reliability: {metrics}."))
    right.page_link("pages/explain.py", label="Check it", icon=":material/fact_check:", query_params={"run": run.id})


def _read(run: Run) -> tuple[Reliability | None, NoiseProbe | None]:
    return results.read(run, "trust", Reliability), results.read(run, "noise", NoiseProbe)


def _metrics(run: Run, checks: Reliability | None, noise: NoiseProbe | None) -> list[Metric]:
    """What is known of the explanation so far."""
    metrics = [
        Metric(
            "Skill",
            text.signed_percent(run.evaluation.verdict.skill),
            "An explanation describes the model; without skill that says nothing about the data",
        )
    ]
    error = checks.additivity_error if checks else run.explanation.additivity_error if run.explanation else math.nan
    if math.isfinite(error):
        metrics.append(
            Metric(
                "Additivity error",
                text.magnitude(error),
                "Largest gap between a forecast and base value plus contributions, in standard deviations of the "
                "forecast",
            )
        )
    if checks is not None:
        metrics += _check_metrics(checks)
    if noise is not None:
        metrics.append(
            Metric(
                "Rank of noise",
                f"{noise.rank} of {len(noise.features) + 1}",
                "The place of an added feature of pure noise among all features, the median over several draws; last "
                "is best",
                _describe_ranks(noise),
            )
        )
    return metrics


def _check_metrics(checks: Reliability) -> list[Metric]:
    """Stability over seeds, and the areas under the deletion and insertion curves."""
    metrics = []
    if math.isfinite(checks.stability):
        metrics.append(
            Metric(
                "Stability over seeds",
                text.minus(f"{checks.stability:.2f}"),
                "Mean rank correlation between the importances of the ensemble's networks, each explained alone",
            )
        )
    for name, curve in (("Deletion", checks.deletion), ("Insertion", checks.insertion)):
        if curve.ordered[-1] and len(curve.counts) > 2:
            ordered, random = curve.areas
            metrics.append(
                Metric(
                    f"{name}, in order",
                    f"{ordered:.2f}",
                    f"Area under the curve below; {random:.2f} in random order. The larger, the better the order",
                )
            )
    return metrics


def _draw_metrics(metrics: list[Metric]) -> None:
    across = len(metrics) if len(metrics) <= ACROSS else (len(metrics) + 1) // 2  # else their labels are cut off
    for start in range(0, len(metrics), across):
        draw_row(metrics[start : start + across], across)


def _describe_seeds(checks: Reliability | None) -> str:
    if checks is None:
        return ""
    if checks.members == 1:
        return "One network cannot show stability over seeds; an ensemble can."
    return f"{checks.same_first} of {checks.members} networks put the same feature first."


def describe_noise(noise: NoiseProbe, step: str = "step") -> str:
    """What the rank of the noise means for the features below it."""
    below, doubtful, ranks = noise.below, noise.doubtful, _describe_ranks(noise)
    lead = (
        f"After retraining with {'features' if ranks else 'a feature'} of pure noise, noise ranks "
        f"{_ordinal(noise.rank)} of {len(noise.features) + 1}" + (f" (median; {ranks})" if ranks else "")
    )
    if not below and not doubtful:
        return f"{lead}: every feature moves the forecast more than noise does."
    texts = []
    if below:
        verb, them = ("moves", "it") if len(below) == 1 else ("move", "them")
        texts.append(f"{_list(below, step)} {verb} the forecast no more than noise does. Do not interpret {them}.")
    if doubtful:
        verb = "moves" if len(doubtful) == 1 else "move"
        texts.append(f"{_list(doubtful, step)} {verb} it more than most draws of noise, but not than all.")
    return f"{lead}: {' '.join(texts)}"


def _describe_ranks(noise: NoiseProbe) -> str:
    """The range of the ranks; empty for a single draw."""
    if not noise.rank_D:
        return ""
    return f"{min(noise.rank_D)} to {max(noise.rank_D)} in {len(noise.rank_D)} draws"


def _list(features: tuple[str, ...], step: str) -> str:
    """At most the first eight, by their names on the screen, and how many more there are."""
    listed = [str(names.feature(code, step)) for code in features[:NAMED]]
    if len(features) > NAMED:
        listed.append(f"{len(features) - NAMED} others")
    return listed[0] if len(listed) == 1 else f"{'; '.join(listed[:-1])} and {listed[-1]}"


def _ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st …"""
    last = number % 10 if number % 100 not in (11, 12, 13) else 0
    return f"{number:,}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(last, 'th') }"


def _describe_costs(run: Run) -> str:
    """How long both checks take."""
    check, explained = reliability.estimate_seconds(run), run.explanation.seconds if run.explanation else 0.0
    retrain = max(1.0, reliability.TRAININGS * (run.history.seconds + explained / 2))
    return (
        f"The check takes {f'about {max(1.0, check):.0f} s' if check else 'seconds'}, retraining with noise about "
        f"{retrain:.0f} s. You can leave this page meanwhile."
    )
