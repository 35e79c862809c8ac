"""Methods of importance side by side: the quick ones by themselves, retraining without each feature by a click."""

from functools import partial

import streamlit as st

from core.charts.explanation import method_comparison
from core.explain import compare_methods, importance
from core.explain.importance import IMPORTANCE_METHODS, Importance
from core.language import message, shown, tr, tr_n
from core.types import Run
from ui import charts, markdown, names, verdict
from ui.explain import importance as importance_of
from ui.jobs import results


def draw(run: Run, by_family: bool) -> None:
    """The map of methods and features with its meaning, and the jobs that compute it."""
    in_words = importance_of.in_words if by_family else partial(names.features_of, run)
    importances = tuple(map(in_words, read(run, by_family)))
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
        st.markdown(tr("The quick methods are compared now, in a worker. That takes a few seconds."))
    results.offer(
        run,
        importance.record_name("agreement", by_family),
        tr("Compare again") if quick else tr("Compare the quick methods"),
        message("Comparing methods on run {run}", run=run.id),
        compare_methods.compute,
        by_family,
        at_once=not quick,
    )
    count = len(compare_methods.group_features(run.spec.features, by_family))
    label, title = _retraining(run, count, by_family)
    results.offer(
        run, importance.record_name("ablation", by_family), label, title, compare_methods.compute_loco, by_family
    )
    st.caption(
        tr_n(
            "Retraining is the most honest method and takes {count} training, about {seconds} s; it starts with a "
            "click. You can leave this page meanwhile.",
            "Retraining is the most honest method and takes {count} trainings, about {seconds} s; it starts with a "
            "click. You can leave this page meanwhile.",
            count,
            seconds=f"{max(1.0, count * run.history.seconds):.0f}",
        )
    )
    with st.expander(tr("What each number is")):
        head = tr("| Method | Its number | Unit |")
        rows = (f"| {tr(one.title)} | {tr(one.number)} | {tr(one.unit)} |" for one in IMPORTANCE_METHODS.values())
        st.markdown("\n".join((head, "|---|---|---|", *rows)))


def _retraining(run: Run, count: int, by_family: bool) -> tuple[str, str]:
    """The button that retrains without each feature or family, and the title of that job."""
    if by_family:
        return (
            tr("Retrain without each of {count} families", count=count),
            message("Retraining run {run} without each of its families", run=run.id),
        )
    return (
        tr("Retrain without each of {count} features", count=count),
        message("Retraining run {run} without each of its features", run=run.id),
    )


def read(run: Run, by_family: bool) -> tuple[Importance, ...]:
    """Every importance kept with the run, of features or of families."""
    quick = results.read(run, importance.record_name("agreement", by_family), tuple[Importance, ...]) or ()
    ablation = results.read(run, importance.record_name("ablation", by_family), Importance)
    return (*quick, *([ablation] if ablation is not None else []))


def _draw_ranks(run: Run, chart: method_comparison.MethodComparison) -> None:
    left, right = st.columns([3, 2])
    with left:
        st.subheader(tr("Which methods rank alike"))
        verdict.draw_badge(run)
        charts.show(
            method_comparison.draw_ranks(chart),
            tr("Rank correlation (Spearman) between methods: 1 is the same order, −1 the opposite."),
            "methods-ranks",
        )
    with right:
        st.subheader(tr("What that means"))
        for sentence in map(shown, chart.interpretations or (message("All methods largely agree."),)):
            st.markdown(f"- {markdown.escape(sentence[0].upper() + sentence[1:])}.".replace("..", "."))
