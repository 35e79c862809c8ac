"""Explanation reliability: does it add up, agree over seeds, and name what moves the forecast?"""

import math

import streamlit as st

from core.charts import text
from core.charts.explanation import deletion_insertion
from core.explain import reliability
from core.explain.reliability import NoiseProbe, Reliability
from core.language import mark, message, tr, tr_n
from core.types import Run
from ui import charts, markdown, names, verdict
from ui.jobs import results
from ui.verdict import Metric, draw_row

NAMED = 8  # features that one sentence can list
ACROSS = 5  # metrics of one row
QUICK = 10.0  # s up to which the checks start by themselves


def draw(run: Run) -> None:
    """The skill, the checks of the explanation so far, and the jobs that make them."""
    st.subheader(tr("How reliable is this explanation?"))
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
        about = f"{max(1.0, seconds or 0):.0f}"
        st.markdown(tr("It is checked now, in a worker. That takes about {seconds} s.", seconds=about))
    results.offer(
        run,
        "trust",
        tr("Check it again") if checks else tr("Check it"),
        message("Checking the explanation of run {run}", run=run.id),
        reliability.compute,
        at_once=quick,
    )
    results.offer(
        run,
        "noise",
        tr("Retrain with noise features"),
        message("Adding noise features to run {run}", run=run.id),
        reliability.compute_noise_probe,
    )
    st.caption(f"{_describe_seeds(checks)} {_describe_costs(run)}".strip())


def draw_line(run: Run) -> None:
    """The same in one line, for the other pages that explain a model."""
    metrics = "; ".join(f"{metric.label.lower()} {metric.value}" for metric in _metrics(run, *_read(run)))
    left, right = st.columns([5, 1], vertical_alignment="center")
    left.caption(markdown.escape(tr("Explanation reliability: {metrics}.", metrics=metrics)))
    right.page_link(
        "pages/explain.py", label=tr("Check it"), icon=":material/fact_check:", query_params={"run": run.id}
    )


def _read(run: Run) -> tuple[Reliability | None, NoiseProbe | None]:
    return results.read(run, "trust", Reliability), results.read(run, "noise", NoiseProbe)


def _metrics(run: Run, checks: Reliability | None, noise: NoiseProbe | None) -> list[Metric]:
    """What is known of the explanation so far."""
    metrics = [
        Metric(
            tr("Skill"),
            text.signed_percent(run.evaluation.verdict.skill),
            tr("An explanation describes the model; without skill that says nothing about the data"),
        )
    ]
    error = checks.additivity_error if checks else run.explanation.additivity_error if run.explanation else math.nan
    if math.isfinite(error):
        metrics.append(
            Metric(
                tr("Additivity error"),
                text.magnitude(error),
                tr(
                    "Largest gap between a forecast and base value plus contributions, in standard deviations of the "
                    "forecast"
                ),
            )
        )
    if checks is not None:
        metrics += _check_metrics(checks)
    if noise is not None:
        metrics.append(
            Metric(
                tr("Rank of noise"),
                tr("{rank} of {count}", rank=noise.rank, count=len(noise.features) + 1),
                tr(
                    "The place of an added feature of pure noise among all features, the median over several draws; "
                    "last is best"
                ),
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
                tr("Stability over seeds"),
                text.minus(f"{checks.stability:.2f}"),
                tr("Mean rank correlation between the importances of the ensemble's networks, each explained alone"),
            )
        )
    for title, curve in ((tr("Deletion, in order"), checks.deletion), (tr("Insertion, in order"), checks.insertion)):
        if curve.ordered[-1] and len(curve.counts) > 2:
            ordered, random = curve.areas
            metrics.append(
                Metric(
                    title,
                    f"{ordered:.2f}",
                    tr(
                        "Area under the curve below; {random} in random order. The larger, the better the order",
                        random=f"{random:.2f}",
                    ),
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
        return tr("One network cannot show stability over seeds; an ensemble can.")
    return tr("{same} of {count} networks put the same feature first.", same=checks.same_first, count=checks.members)


def describe_noise(noise: NoiseProbe, step: str = "step") -> str:
    """What the rank of the noise means for the features below it."""
    below, doubtful, ranks = noise.below, noise.doubtful, _describe_ranks(noise)
    parts = {"rank": _ordinal(noise.rank), "count": len(noise.features) + 1}
    if ranks:
        lead = tr(
            "After retraining with features of pure noise, noise ranks {rank} of {count} (median; {ranks})",
            ranks=ranks,
            **parts,
        )
    else:
        lead = tr("After retraining with a feature of pure noise, noise ranks {rank} of {count}", **parts)
    if not below and not doubtful:
        return tr("{lead}: every feature moves the forecast more than noise does.", lead=lead)
    texts = []
    if below:
        texts.append(
            tr_n(
                "{features} moves the forecast no more than noise does. Do not interpret it.",
                "{features} move the forecast no more than noise does. Do not interpret them.",
                len(below),
                features=_list(below, step),
            )
        )
    if doubtful:
        texts.append(
            tr_n(
                "{features} moves it more than most draws of noise, but not than all.",
                "{features} move it more than most draws of noise, but not than all.",
                len(doubtful),
                features=_list(doubtful, step),
            )
        )
    return tr("{lead}: {meaning}", lead=lead, meaning=" ".join(texts))


def _describe_ranks(noise: NoiseProbe) -> str:
    """The range of the ranks; empty for a single draw."""
    if not noise.rank_D:
        return ""
    return tr(
        "{low} to {high} in {count} draws", low=min(noise.rank_D), high=max(noise.rank_D), count=len(noise.rank_D)
    )


def _list(features: tuple[str, ...], step: str) -> str:
    """At most the first eight, by their names on the screen, and how many more there are."""
    listed = [str(names.feature(code, step)) for code in features[:NAMED]]
    if len(features) > NAMED:
        listed.append(tr("{count} others", count=len(features) - NAMED))
    if len(listed) == 1:
        return listed[0]
    return tr("{features} and {last}", features="; ".join(listed[:-1]), last=listed[-1])


def _ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st …"""
    last = number % 10 if number % 100 not in (11, 12, 13) else 0
    form = {1: mark("{number}st"), 2: mark("{number}nd"), 3: mark("{number}rd")}.get(last, mark("{number}th"))
    return tr(form, number=f"{number:,}")


def _describe_costs(run: Run) -> str:
    """How long both checks take."""
    check, explained = reliability.estimate_seconds(run), run.explanation.seconds if run.explanation else 0.0
    retrain = max(1.0, reliability.TRAININGS * (run.history.seconds + explained / 2))
    if not check:
        return tr(
            "The check takes seconds, retraining with noise about {retrain} s. You can leave this page meanwhile.",
            retrain=f"{retrain:.0f}",
        )
    return tr(
        "The check takes about {check} s, retraining with noise about {retrain} s. You can leave this page meanwhile.",
        check=f"{max(1.0, check):.0f}",
        retrain=f"{retrain:.0f}",
    )
