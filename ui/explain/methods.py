"""Methods of importance side by side: the quick ones by a click, training without each feature when asked for."""

import streamlit as st

from core.charts.explanation import method_comparison as charts
from core.charts.text import pluralize
from core.explain import compare_methods, importance
from core.explain.importance import Importance
from core.types import Run
from ui import charts as show
from ui import job_results

NUMBERS = """
| Method | Its number |
|---|---|
| Shapley, expected gradients | mean absolute contribution to the network's forecast, in units of the target |
| Trained without it | rise of the squared error of the test part when the network is trained again without it |
| Mean in its place | the same without training, with the mean of the training rows in place of the feature |
| Exchanged between windows | the same with the feature of another window in its place (loss-permutation) |
| LightGBM gain | share in what all splits took from the training loss of a LightGBM on the same windows |
| LightGBM TreeSHAP | mean absolute contribution to the forecast of that LightGBM |
"""


def draw(run: Run, by_family: bool) -> None:
    """The map of methods and features with what it means, or the ways to work it out."""
    show.label(run)
    found = together(run, by_family)
    if found:
        chart = charts.compute(found)
        show.chart(charts.draw(chart), chart.caption, "agreement")
        if len(chart.features) > 1 and len(chart.methods) > 1:
            _ranks(run, chart)
    what = "families" if by_family else "features"
    name = importance.record_name("agreement", by_family)
    job_results.offer(
        run,
        name,
        "Compare again" if found else "Compare the quick methods",
        f"Comparing methods on run {run.id}",
        compare_methods.compute,
        by_family,
    )
    many = len(compare_methods.group_features(run.spec.features, by_family))
    job_results.offer(
        run,
        importance.record_name("ablation", by_family),
        f"Train again without each of {many} {what}",
        f"Ablation of run {run.id}",
        compare_methods.compute_loco,
        by_family,
    )
    st.caption(
        f"The first takes seconds. The second is the honest kind and takes {pluralize(many, 'training')} like "
        f"that of the run, about {max(1.0, many * run.history.seconds):.0f} s. Both go on when this page is "
        "closed."
    )
    with st.expander("What each number is"):
        st.markdown(NUMBERS)


def together(run: Run, by_family: bool) -> tuple[Importance, ...]:
    """Everything that is kept of a run, of features or of families."""
    quick = job_results.read(run, importance.record_name("agreement", by_family), tuple[Importance, ...]) or ()
    ablation = job_results.read(run, importance.record_name("ablation", by_family), Importance)
    return (*quick, *([ablation] if ablation is not None else []))


def _ranks(run: Run, chart: charts.MethodComparison) -> None:
    left, right = st.columns([3, 2])
    with left:
        st.subheader("Which methods rank alike")
        show.label(run)
        show.chart(
            charts.draw_ranks(chart),
            "Rank correlations (Spearman) between the methods: 1 is the same order, -1 the opposite one.",
            "agreement-ranks",
        )
    with right:
        st.subheader("What that means")
        for sentence in chart.interpretations or ("All methods tell much the same story.",):
            st.markdown(f"- {show.plain(sentence[0].upper() + sentence[1:])}.".replace("..", "."))
