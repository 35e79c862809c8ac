"""A trained and evaluated model, as the public API returns it."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from core import pipeline
from core.api.progress import ProgressBar
from core.api.series import as_frame
from core.data import frame as frames
from core.datasets import row_notes
from core.errors import SpecError
from core.jobs.local import run as exhaust
from core.spec import Spec
from core.storage import runs as store
from core.types import Alarm, Explanation, Run, Verdict

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.evaluation.backtest.result import Backtest


@dataclass(frozen=True, slots=True)
class FittedRun:
    """A trained and evaluated model. `record` holds everything, as it is saved."""

    record: Run

    @property
    def spec(self) -> Spec:
        """The complete recipe."""
        return self.record.spec

    @property
    def verdict(self) -> Verdict:
        """Whether the model has skill: `text`, `tone` (good, none, bad), `skill`, `p_value`, `reference`."""
        return self.record.evaluation.verdict

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """Reasons to distrust the result."""
        return self.record.evaluation.alarms

    @property
    def scores(self) -> pd.DataFrame:
        """The test scores of the model and every baseline, one row each."""
        return pd.DataFrame(self.record.evaluation.scores).T

    @property
    def forecast(self) -> pd.DataFrame:
        """The long forecast table: model · part · symbol · cutoff · step · time · y · yhat · q025 … q975 · lo · hi."""
        return self.record.forecast

    @property
    def importance(self) -> pd.Series:
        """The mean absolute contribution of each feature, target units, largest first; empty if not explained."""
        explanation = self.record.explanation
        return pd.Series(explanation.importance if explanation else {}, name="importance", dtype=float)

    @property
    def notes(self) -> list[str]:
        """What was left out, carried forward or not forecast, and columns known in the future that are not used."""
        return [*row_notes.describe_with_setting(self.spec, self.record.frame), *row_notes.missing_live(self.record)]

    def predict(self, newer: pd.DataFrame | None = None) -> pd.DataFrame:
        """The forecast beyond the last row of the data, or of `newer` data with the same columns: a long table.

        Raises DataError if the newest window has holes.
        """
        return pipeline.predict(self.record, None if newer is None else as_frame(newer))

    def explain(
        self,
        method: str = "permutation",
        symbol: str | None = None,
        cutoffs: Sequence[str] | None = None,
        progress: bool = True,
    ) -> pd.DataFrame:
        """The contribution of each feature to forecasts: symbol · cutoff · step · feature · value · contribution.

        `method` is permutation, exact or gradients; by default 64 windows of the test split are explained, or the
        forecasts from these ISO cutoffs.
        """
        from core.explain import explainer
        from core.explain.explanation import to_long_table

        job = explainer.compute(self.record, method, symbol, None if cutoffs is None else tuple(cutoffs))
        with ProgressBar(progress) as on_event:
            explanation: Explanation = exhaust(job, on_event)
        return to_long_table(explanation)

    def backtest(self, folds: int = 8, *, progress: bool = True, **plan: Any) -> "Backtest":
        """Retrain the recipe for each of several folds and evaluate all their forecasts together.

        Further settings are those of core.evaluation.backtest.plan.Plan: window, stride, test, …
        """
        from core import backtest
        from core.evaluation.backtest.plan import Plan

        job = backtest.run(self.spec, self.record.frame, Plan(folds=folds, **plan))
        with ProgressBar(progress) as on_event:
            return exhaust(job, on_event)

    def save(self, folder: str | Path = store.DEFAULT) -> Self:
        """Save the run in a folder and record it as an experiment; returns it under the name that it got.

        Raises RunError if the disk refuses; warns if the run is saved but its experiment could not be recorded.
        """
        from core.storage.finish import finish

        saved, warning = finish(self.record, None, Path(folder))
        if warning:
            warnings.warn(warning, stacklevel=2)
        return replace(self, record=saved)

    def plot(self, chart: str = "forecast", symbol: str | None = None, step: int | None = None) -> "go.Figure":
        """A plotly figure: forecast, loss, importance or scores. Raises SpecError for another name."""
        from core.api.plots import PLOTS

        if chart not in PLOTS:
            raise SpecError(f"There is no chart {chart!r}. Choose one of {', '.join(PLOTS)}.")
        names = frames.symbols(self.record.frame)
        if symbol is not None and symbol not in names:
            raise SpecError(f"The run has no symbol {symbol!r}; it has {', '.join(names)}.")
        return PLOTS[chart](self.record, symbol or names[0], step or int(self.forecast["step"].max()))
