"""A finished run at a glance: verdict, fan chart and importances."""

import streamlit as st

from core.charts.explanation import importance
from core.charts.forecast import fan
from core.datasets import availability
from core.datasets.targets import TARGETS
from core.explain.reliability import Reliability
from core.types import Run
from ui import charts, job_results


def overview(run: Run) -> None:
    """Draw the run's verdict, its live forecast and what drives it, with the ways to more."""
    charts.title(run)
    charts.verdict(run.evaluation)
    charts.numbers(run)
    left, right = st.columns([3, 2])
    with left:
        st.subheader("Forecast")
        draw_fan(
            run,
            str(run.forecast["symbol"].cat.categories[0]),
            max(int(s) for s in run.forecast["step"].unique()),
            "overview-fan",
        )
        st.page_link("pages/forecast.py", label="More on the forecast", icon=":material/arrow_forward:")
    with right:
        st.subheader("What drives it")
        draw_importance(run, None, "overview-importance")
        st.page_link("pages/explain.py", label="More on what drives it", icon=":material/arrow_forward:")


def draw_fan(run: Run, symbol: str, step: int, key: str) -> None:
    """The fan chart of a run with its sentence, and why there is no live forecast where there is none."""
    kind = TARGETS[run.spec.target.kind]
    made = fan.compute(
        run.forecast,
        run.spec.model.kind,
        symbol,
        step,
        unit=kind.unit,
        binary=kind.binary,
        coverage=run.spec.bands.coverage,
        joint=run.spec.bands.joint,
    )
    charts.chart(fan.draw(made), made.caption, key)
    if made.cutoff is None:
        st.info(charts.plain(_no_live(run.id, symbol, run)), icon=":material/event_busy:")


@st.cache_data(show_spinner=False, max_entries=32)
def _no_live(run_id: str, symbol: str, _run: Run) -> str:
    return availability.why_no_live(_run.spec, _run.frame, symbol)


def draw_importance(run: Run, step: int | None, key: str, by_family: bool = False) -> None:
    """The importance bars of a run, of features or families, with the spread over its networks where that was worked
    out, and the warning that belongs to a model without skill."""
    if run.explanation is None:
        charts.empty("This run has no explanation yet.", "pages/explain.py", "Explain it")
        return
    charts.label(run)
    explained = charts.in_families(run, run.explanation) if by_family else run.explanation
    checked: Reliability | None = job_results.read(run, "trust", Reliability)
    spread = checked.spread.at(step, by_family) if checked else None
    made = importance.compute(explained, charts.explained_unit(run), step, spread)
    several = run.forecast["symbol"].cat.categories.size > 1
    says = f"For {run.explanation.symbol_N[0]}: {made.caption}" if several else made.caption
    charts.chart(importance.draw(made), f"{says} {_bars(run, checked)}".strip(), key)


def _bars(run: Run, checked: Reliability | None) -> str:
    """What the error bars are or, of an ensemble without them, where they come from."""
    if checked is not None and checked.spread.features:
        return f"Lines at the bars: ± one standard deviation over the {checked.members} networks, each explained alone."
    if run.spec.train.ensemble > 1 and checked is None:
        return (
            f"How far its {run.spec.train.ensemble} networks differ is drawn once the explanation was checked: "
            "Check it, under How far to trust this on the Explain page."
        )
    return ""
