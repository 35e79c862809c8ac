"""Methods of importance side by side: the quick ones by themselves, retraining without each feature by a click."""

import streamlit as st

from core.charts.explanation import method_comparison
from core.charts.text import pluralize
from core.explain import compare_methods, importance
from core.explain.importance import IMPORTANCE_METHODS, Importance
from core.types import Run
from ui import charts, markdown, names, verdict
from ui.jobs import results


def draw(run: Run, by_family: bool) -> None:
    """The map of methods and features with its meaning, and the jobs that compute it."""
    importances = tuple(names.features_of(run, each) for each in read(run, by_family))
    quick = any(each.method != "ablation" for each in importances)
    if importances:
        verdict.draw_badge(run)
        chart = method_comparison.compute(importances)
        charts.show(method_comparison.draw(chart), chart.caption, "methods")
        if len(chart.features) > 1 and len(chart.methods) > 1:
            _draw_ranks(run, chart)
        if chart.weights_caption:
            st.caption(chart.weights_caption)
    if not quick:
        st.markdown("The quick methods are compared now, in a worker. That takes a few seconds.")
    results.offer(
        run,
        importance.record_name("agreement", by_family),
        "Compare again" if quick else "Compare the quick methods",
        f"Comparing methods on run {run.id}",
        compare_methods.compute,
        by_family,
        at_once=not quick,
    )
    groups = "families" if by_family else "features"
    count = len(compare_methods.group_features(run.spec.features, by_family))
    results.offer(
        run,
        importance.record_name("ablation", by_family),
        f"Retrain without each of {count} {groups}",
        f"Retraining run {run.id} without each of its {groups}",
        compare_methods.compute_loco,
        by_family,
    )
    st.caption(
        f"Retraining is the most honest method and takes {pluralize(count, 'training')}, about "
        f"{max(1.0, count * run.history.seconds):.0f} s; it starts with a click. You can leave this page meanwhile."
    )
    with st.expander("What each number is"):
        rows = (f"| {method.title} | {method.number} | {method.unit} |" for method in IMPORTANCE_METHODS.values())
        st.markdown("\n".join(("| Method | Its number | Unit |", "|---|---|---|", *rows)))


def read(run: Run, by_family: bool) -> tuple[Importance, ...]:
    """Every importance kept with the run, of features or of families."""
    quick = results.read(run, importance.record_name("agreement", by_family), tuple[Importance, ...]) or ()
    ablation = results.read(run, importance.record_name("ablation", by_family), Importance)
    return (*quick, *([ablation] if ablation is not None else []))


def _draw_ranks(run: Run, chart: method_comparison.MethodComparison) -> None:
    left, right = st.columns([3, 2])
    with left:
        st.subheader("Which methods rank alike")
        verdict.draw_badge(run)
        charts.show(
            method_comparison.draw_ranks(chart),
            "Rank correlation (Spearman) between methods: 1 is the same order, −1 the opposite.",
            "methods-ranks",
        )
    with right:
        st.subheader("What that means")
        for sentence in chart.interpretations or ("All methods largely agree.",):
            st.markdown(f"- {markdown.escape(sentence[0].upper() + sentence[1:])}.".replace("..", "."))
