"""The trust panel: whether the explanation of a run adds up, holds over seeds, and names what moves the forecast."""

import math

import streamlit as st

from core.charts.explanation import deletion_insertion
from core.explain import reliability
from core.explain.reliability import NoiseProbe, Reliability
from core.types import Run
from ui import charts, job_results

NAMED = 8  # features that a sentence can still list
ACROSS = 5  # cells of one row


def draw_trust(run: Run) -> None:
    """The skill, and the checks of the explanation where a worker has made them."""
    st.subheader("How far to trust this")
    charts.label(run)
    found, noise = _kept(run)
    _metrics(_cells(run, found, noise))
    if found is not None:
        curves = deletion_insertion.compute(found.deletion, found.insertion)
        charts.chart(deletion_insertion.draw(curves), curves.caption, "trust-deletion")
    if noise is not None:
        st.markdown(charts.plain(_ranked(noise)))
    job_results.offer(
        run,
        "trust",
        "Check it again" if found else "Check it",
        f"Checking the explanation of run {run.id}",
        reliability.compute,
    )
    job_results.offer(
        run,
        "noise",
        "Train again with a feature of noise",
        f"Adding noise to run {run.id}",
        reliability.compute_noise_probe,
    )
    st.caption(f"{_seeds(found)} {_costs(run)}".strip())


def draw_line(run: Run) -> None:
    """The same in one line, for the other pages that explain a model."""
    cells = "; ".join(f"{name.lower()} {value}" for name, value, _ in _cells(run, *_kept(run)))
    left, right = st.columns([5, 1], vertical_alignment="center")
    left.caption(charts.plain(f"How far to trust what explains this model: {cells}."))
    right.page_link("pages/explain.py", label="Check it", icon=":material/fact_check:", query_params={"run": run.id})


def _kept(run: Run) -> tuple[Reliability | None, NoiseProbe | None]:
    return job_results.read(run, "trust", Reliability), job_results.read(run, "noise", NoiseProbe)


def _cells(run: Run, found: Reliability | None, noise: NoiseProbe | None) -> list[tuple[str, str, str]]:
    """What is known of the explanation: name, value, and what that means."""
    cells = [
        (
            "Skill",
            f"{run.evaluation.verdict.skill:+.1%}",
            "An explanation says what the model does; only the skill says whether that means anything",
        )
    ]
    error = found.additivity_error if found else run.explanation.additivity_error if run.explanation else math.nan
    if math.isfinite(error):
        cells.append(
            (
                "Adds up to within",
                f"{error:.0e}",
                "Largest gap between a forecast and its base plus "
                "contributions, in standard deviations of the forecast",
            )
        )
    if found is not None:
        if math.isfinite(found.stability):
            cells.append(
                (
                    "Stability over seeds",
                    f"{found.stability:.2f}",
                    "Mean rank correlation between the "
                    "importances of the networks of the ensemble, each explained alone",
                )
            )
        for name, curve in (("Deletion", found.deletion), ("Insertion", found.insertion)):
            if curve.ordered[-1] and len(curve.counts) > 2:
                ordered, random = curve.areas
                cells.append(
                    (
                        f"{name}, in order",
                        f"{ordered:.2f}",
                        f"Area under the curve below; {random:.2f} in random order. The larger, the better the order",
                    )
                )
    if noise is not None:
        cells.append(
            (
                "Rank of noise",
                f"{noise.rank} of {len(noise.features) + 1}",
                "The place of an added feature of pure noise among all features. Last is best",
            )
        )
    return cells


def _metrics(cells: list[tuple[str, str, str]]) -> None:
    across = len(cells) if len(cells) <= ACROSS else (len(cells) + 1) // 2  # else their names are cut off
    for start in range(0, len(cells), across):
        for column, (name, value, help_) in zip(st.columns(across), cells[start : start + across], strict=False):
            column.metric(name, value, help=help_)


def _seeds(found: Reliability | None) -> str:
    if found is None:
        return ""
    if found.members == 1:
        return "One network says nothing of stability over seeds: train an ensemble to see it."
    return f"{found.same_first} of {found.members} networks put the same feature first."


def _ranked(noise: NoiseProbe) -> str:
    """What the rank of the noise says of the features below it."""
    count, below = len(noise.features) + 1, noise.below
    lead = f"Trained again with one more feature of pure noise, noise ranks {_place(noise.rank)} of {count}"
    if not below:
        return f"{lead}: every feature moves the forecast more than noise does."
    few = below if len(below) <= NAMED else (*below[:NAMED], f"{len(below) - NAMED} others")
    named = few[0] if len(few) == 1 else f"{', '.join(few[:-1])} and {few[-1]}"
    return (
        f"{lead}: {named} {'moves' if len(below) == 1 else 'move'} the forecast no more than noise does, so what "
        f"the charts say of {'it' if len(below) == 1 else 'them'} is no more than noise."
    )


def _place(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st …"""
    last = number % 10 if number % 100 not in (11, 12, 13) else 0
    return f"{number:,}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(last, 'th') }"


def _costs(run: Run) -> str:
    """What both checks take, before they are asked for."""
    check, explained = reliability.estimate_seconds(run), run.explanation.seconds if run.explanation else 0.0
    again = max(1.0, run.history.seconds + explained)
    return (
        f"The check takes {f'about {max(1.0, check):.0f} s' if check else 'seconds'}. Noise takes a training like "
        f"that of the run and an explanation, about {again:.0f} s. Both go on when this page is closed."
    )
