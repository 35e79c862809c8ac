"""Every score of every model in one table."""

import pandas as pd
import streamlit as st

from core.charts import text
from core.evaluation.descriptions import SCORES
from core.language import tr
from core.types import Evaluation


def draw(evaluation: Evaluation) -> None:
    """The table, folded; the tooltip of a column says what it is, an arrow which direction is better."""
    table = pd.DataFrame({text.model_name(name): scores for name, scores in evaluation.scores.items()}).T
    columns = {
        name: st.column_config.Column(f"{name} {SCORES[name].arrow}".strip(), help=tr(SCORES[name].text))
        for name in table.columns
        if name in SCORES
    }
    with st.expander(tr("All scores")):
        st.caption(
            tr(
                "On the test split: mae of the median and rmse of the mean in {unit}, scaled errors and the mean "
                "pinball loss in standard deviations of the training labels. ↓ lower is better, ↑ higher is better, – "
                "undefined.",
                unit=text.unit_title(evaluation.unit),
            )
        )
        st.dataframe(table.style.format(_score, na_rep="–"), column_config=columns)


def _score(value: object) -> str:
    return text.minus(f"{float(str(value)):.4g}")
