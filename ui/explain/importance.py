"""The importance bars of a run, and what every view of an explanation needs: its unit, and its families."""

from dataclasses import replace
from typing import Any

import streamlit as st

from core.charts.explanation import importance as bars
from core.charts.text import Unit
from core.explain.explanation import sum_by_group
from core.explain.reliability import Reliability
from core.features import registry
from core.language import tr
from core.types import Explanation, Run
from ui import charts, messages, names, verdict
from ui.jobs import results


def draw(run: Run, step: int | None, key: str, by_family: bool = False, least: int = 0) -> int:
    """Bars of features or families, with their spread over the networks once the explanation was checked.

    Returns their height in pixels, at least `least`; 0 if there is no explanation.
    """
    if run.explanation is None:
        messages.empty(tr("This run has no explanation yet."), "Explain", ("pages/explain.py", tr("Explain it")))
        return 0
    verdict.draw_badge(run)
    explanation = of_families(run, run.explanation) if by_family else names.features_of(run, run.explanation)
    reliability: Reliability | None = results.read(run, "trust", Reliability)
    by_code = reliability.spread.at(step, by_family) if reliability else {}
    labels = map(tr, by_code) if by_family else names.feature_names(run, by_code)
    spread = dict(zip(labels, by_code.values(), strict=True)) or None
    chart = bars.compute(explanation, unit(run), step, spread)
    caption = f"{of_symbol(run, chart.caption, explanation.symbol_N[0])} {_error_bars(run, reliability)}"
    figure = bars.draw(chart)
    height = max(least, figure.layout.height)
    charts.show(figure.update_layout(height=height), caption.strip(), key)
    return height


def unit(run: Run) -> Unit:
    """The unit of contributions."""
    return names.contribution_unit(run)


def of_families(run: Run, explanation: Explanation) -> Explanation:
    """The explanation by families of features: price, volume, momentum, …"""
    return in_words(sum_by_group(explanation, registry.families(run.spec.features)))


def in_words(result: Any) -> Any:
    """A result by families with their names in the language of the screen."""
    return replace(result, features=tuple(map(tr, result.features)))


def choose_families(run: Run) -> bool:
    """A toggle between features and families; False without a choice."""
    return len(run.spec.features) > 1 and st.toggle(tr("By family of features"), key="by-family", bind="query-params")


def of_symbol(run: Run, caption: str, symbol: str) -> str:
    """The caption, with the symbol that it is about if the run has several."""
    several = run.forecast["symbol"].cat.categories.size > 1
    return tr("For {symbol}: {caption}", symbol=symbol, caption=caption) if several else caption


def _error_bars(run: Run, reliability: Reliability | None) -> str:
    """What the error bars are or, for an ensemble without them, how to get them."""
    if reliability is not None and reliability.spread.features:
        return tr(
            "Error bars: ± one standard deviation over the {count} networks, each explained alone.",
            count=reliability.members,
        )
    if run.spec.train.ensemble > 1 and reliability is None:
        return tr(
            "Error bars over its {count} networks follow a check of the explanation's reliability.",
            count=run.spec.train.ensemble,
        )
    return ""
