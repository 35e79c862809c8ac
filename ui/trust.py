"""The trust panel: whether the explanation of a run adds up, holds over seeds, and names what moves the forecast."""

import math

import streamlit as st

from core import trust
from core.charts import deletion
from core.records import Run
from core.trust import Trust
from ui import kept, show

NOISE = "The rank of an added noise feature is not measured: it would take a training of its own."


def draw_trust(run: Run) -> None:
    """The skill, and the checks of the explanation where a worker has made them."""
    st.subheader("How far to trust this")
    show.label(run)
    found = kept.read(run, "trust", trust.from_values)
    _cells(run, found)
    if found is not None:
        curve = deletion.compute(found.deletion)
        show.chart(deletion.draw(curve), curve.says, "trust-deletion")
    kept.offer(run, "trust", "Check it again" if found else "Check it", f"Checking the explanation of run {run.id}",
               trust.check, trust.to_values)
    st.caption(f"{_seeds(found)} {NOISE}".strip())


def _cells(run: Run, found: Trust | None) -> None:
    cells = [("Skill", f"{run.evaluation.verdict.skill:+.1%}", "An explanation says what the model does; only the "
              "skill says whether that means anything")]
    error = found.additivity_error if found else run.explanation.additivity_error if run.explanation else math.nan
    if math.isfinite(error):
        cells.append(("Adds up to within", f"{error:.0e}", "Largest gap between a forecast and its base plus "
                      "contributions, in standard deviations of the forecast"))
    if found is not None:
        if math.isfinite(found.stability):
            cells.append(("Stability over seeds", f"{found.stability:.2f}", "Mean rank correlation between the "
                          "importances of the networks of the ensemble, each explained alone"))
        if found.deletion.ordered[-1] and len(found.deletion.counts) > 2:
            ordered, random = found.deletion.areas
            cells.append(("Deletion, in order", f"{ordered:.2f}", f"Area under the curve below; {random:.2f} in random "
                          "order. The larger, the better the order"))
    for column, (name, value, help_) in zip(st.columns(len(cells)), cells, strict=True):
        column.metric(name, value, help=help_)


def _seeds(found: Trust | None) -> str:
    if found is None:
        return ""
    if found.members == 1:
        return "One network says nothing of stability over seeds: train an ensemble to see it."
    return f"{found.same_first} of {found.members} networks put the same feature first."
