"""A finished run at a glance: verdict, fan chart and importances."""

import streamlit as st

from core.charts.forecast import fan
from core.datasets import availability
from core.datasets.targets import TARGETS
from core.evaluation import calibration
from core.evaluation.shares import describe_shares
from core.evaluation.short_series import describe_short
from core.language import mark, shown, tr, tr_n
from core.models.registry import count_networks
from core.types import Run
from ui import charts, layout, messages, names, verdict
from ui.explain import importance
from ui.train import train_on

HEIGHT = 360  # pixels, at least, of the two charts side by side
DEVICES = {"cpu": mark("one CPU core"), "cuda": mark("a GPU (CUDA)"), "mps": mark("a GPU (MPS)")}
ENDED_EARLY = mark("Training ended early")


def draw(run: Run) -> None:
    """The run's verdict, its live forecast and, as high, what drives it, with links to more; then the figures."""
    layout.draw_title(run)
    verdict.draw(run.evaluation)
    left, right = st.columns([3, 2])
    with right:
        st.subheader(tr("What drives it"))
        height = max(importance.draw(run, None, "overview-importance", least=HEIGHT), HEIGHT)
        st.page_link("pages/explain.py", label=tr("More on what drives it"), icon=":material/arrow_forward:")
    with left:
        st.subheader(tr("Forecast"))
        symbol = str(run.forecast["symbol"].cat.categories[0])
        draw_fan(run, symbol, max(int(step) for step in run.forecast["step"].unique()), "overview-fan", height)
        st.page_link("pages/forecast.py", label=tr("More on the forecast"), icon=":material/arrow_forward:")
    verdict.draw_metrics(run)
    draw_shares(run)


def draw_fan(run: Run, symbol: str, step: int, key: str, height: int = 420) -> None:
    """The fan chart of a run and, if it has no live forecast, the reason."""
    kind = TARGETS[run.spec.target.kind]
    chart = fan.compute(
        run.forecast,
        run.spec.model.kind,
        symbol,
        step,
        unit=names.unit(run),
        binary=kind.binary,
        coverage=run.spec.bands.coverage,
        joint=run.spec.bands.joint,
        level=kind.level,
    )
    charts.show(fan.draw(chart, height), chart.caption, key)
    if chart.cutoff is None:
        messages.info(_no_live(run.id, symbol, run), icon=":material/event_busy:")


def draw_shares(run: Run) -> None:
    """Of what the forecast is made, unless the network answers alone, and what a short series cannot show."""
    sentences = [describe_shares(run, names.model(run.spec.model.kind)), describe_short(run)]
    if any(sentences):
        st.caption(" ".join(shown(sentence) for sentence in sentences if sentence))


def draw_few_scores(run: Run, symbol: str) -> None:
    """Which coverages the calibration split is too small to promise; nothing if it is large enough."""
    sentence = calibration.describe_few_scores(run, symbol)
    if sentence:
        messages.info(sentence, icon=":material/width:")


def draw_training(run: Run) -> None:
    """How many networks the run has, where and how long they were trained, why that ended early, if it did, and a way
    to train on if it was still improving."""
    count, history = count_networks(run.weights), run.history
    each = count > 1 and history.device == "cpu"
    device = tr("one CPU core each") if each else tr(DEVICES.get(history.device, history.device))
    st.caption(
        tr_n(
            "One network, trained on {device} in {seconds} s.",
            "{count} networks, trained on {device} in {seconds} s.",
            count,
            device=device,
            seconds=f"{history.seconds:.1f}",
        )
    )
    if history.problem:
        messages.alarm(ENDED_EARLY, history.problem)
    train_on.draw(run)


@st.cache_data(show_spinner=False, max_entries=32)
def _no_live(run_id: str, symbol: str, _run: Run) -> str:
    return availability.why_no_live(_run.spec, _run.frame, symbol)
