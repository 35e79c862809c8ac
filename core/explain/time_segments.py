"""Explains forecasts of a run by time segments of their windows, and by feature within each segment.

Axis letters: N windows, H steps, S numbers of a state, B segments, P players.
"""

import time
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from core.events import Event, Stage
from core.explain import owen
from core.explain.explainer import BACKGROUNDS, WINDOWS
from core.explain.explanation import additivity_error
from core.explain.inputs import ExplanationInputs, select_windows
from core.explain.owen import IncrementalPredictor
from core.explain.predictor import Predictor
from core.explain.shapley import Attribution
from core.features import registry
from core.forecasting.forecast import activate
from core.language import message
from core.types import Explanation, Floats, Ints, Run, Times

if TYPE_CHECKING:
    from core.models.ensemble import Ensemble
    from core.models.network import Network

MAX_FEATURES = 24  # beyond, features are grouped into families


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSegments:
    """One forecast by segment of its window (`segments`) and by feature within each segment (`segment_features`), both
    explanations of one window whose "features" are those players.

    Player p of `segment_features` is `features[feature_P[p]]` in segment `segment_P[p]`; the players of a segment add
    up to it. Segment b is the rows from `edge_B[b]` to before `edge_B[b + 1]`, from `first_B` to `last_B`, the oldest
    first; known future values come last. `shared` says whether coalitions shared recurrent states.
    """

    segments: Explanation = field(metadata={"stored": "blocks"})
    segment_features: Explanation = field(metadata={"stored": "cells"})
    features: tuple[str, ...]
    segment_P: Ints = field(metadata={"stored": "block_P"})
    feature_P: Ints
    edge_B: Ints
    first_B: Times
    last_B: Times
    shared: bool

    def grid(self, step: int) -> Floats:
        """`segment_features` at one position of `steps` as a table (segments, features), zero without a player."""
        grid_BF = np.zeros((len(self.segments.features), len(self.features)))
        grid_BF[self.segment_P, self.feature_P] = self.segment_features.values_NHF[0, step]
        return grid_BF


def explain(
    run: Run, symbol: str | None = None, cutoffs: tuple[str, ...] | None = None, limit: int = WINDOWS
) -> Generator[Event, None, Explanation]:
    """Contributions of each time segment to the mean forecast, target units; yields Stage and Progress.

    Windows and backgrounds are those of core.explain.explainer.explain; the segments take the place of features, the
    oldest first, and `by_lag_L` spreads each evenly over its rows. Exact; raises SpecError for an unknown symbol or
    cutoff.
    """
    from core.training.trainer import reopen

    began, (prepared, net) = time.perf_counter(), reopen(run)
    yield Stage(name="explain", text=message("Attributing the forecasts to the time segments of their windows"))
    inputs = select_windows(run.spec, prepared, net, limit, BACKGROUNDS, symbol, cutoffs)
    edge_B = owen.segment_edges(inputs.windows.lookback)
    incremental = _incremental_predictor(net, inputs.predictor)
    attribution = yield from owen.segment_values(inputs.predict, *inputs.arrays, edge_B, incremental)
    names = _segment_names(inputs, edge_B)
    return _to_explanation(inputs, attribution, names, owen.by_lag(attribution.values_NPH, edge_B), began, "blocks")


def compute(run: Run, symbol: str, cutoff: str) -> Generator[Event, None, TimeSegments]:
    """One forecast by time segment of its window, exactly, and by feature within each; yields Stage and Progress.

    More than 24 features are grouped by family. Raises SpecError for an unknown symbol or cutoff.
    """
    from core.training.trainer import reopen

    began, (prepared, net) = time.perf_counter(), reopen(run)
    yield Stage(name="explain", text=message("Masking the time segments of the window one by one"))
    inputs = select_windows(run.spec, prepared, net, 1, BACKGROUNDS, symbol, (cutoff,))
    edge_B, names = owen.segment_edges(inputs.windows.lookback), inputs.windows.rows.features
    features = inputs.players(None if len(names) <= MAX_FEATURES else registry.families(run.spec.features))
    incremental = _incremental_predictor(net, inputs.predictor)
    by_segment = yield from owen.segment_values(inputs.predict, *inputs.arrays, edge_B, incremental)
    titles, by_lag_L = _segment_names(inputs, edge_B), owen.by_lag(by_segment.values_NPH, edge_B)
    segments = _to_explanation(inputs, by_segment, titles, by_lag_L, began, "blocks")
    yield Stage(name="explain", text=message("Masking the features within each time segment"))
    began = time.perf_counter()
    by_feature = yield from owen.segment_feature_values(
        inputs.predict, *inputs.arrays, edge_B, features, by_segment, run.spec.seed
    )
    players, segment_P, feature_P = owen.segment_feature_players(edge_B, features, len(run.spec.features))
    last = int(inputs.windows.cutoff_row_N[0])
    time_L = inputs.windows.rows.time_T[last - inputs.windows.lookback + 1 : last + 1]
    return TimeSegments(
        segments=segments,
        segment_features=_to_explanation(
            inputs, by_feature, tuple(player.name for player in players), by_lag_L, began, "cells"
        ),
        features=tuple(player.name for player in features),
        segment_P=segment_P,
        feature_P=feature_P,
        edge_B=edge_B,
        first_B=time_L[edge_B[:-1]],
        last_B=time_L[edge_B[1:] - 1],
        shared=incremental is not None,
    )


def _incremental_predictor(net: "Network | Ensemble", predictor: Predictor) -> IncrementalPredictor | None:
    """The network segment by segment, target units; None if it reads windows as a whole, which takes longer."""
    from core.models import inference

    if not net.incremental:
        return None

    def read(x_nTF: Floats, state_nS: Floats | None) -> Floats:
        return inference.encode_rows(net, x_nTF, state_nS, predictor.symbol)

    def answer(state_nS: Floats, known_nHK: Floats) -> Floats:
        raw_nHO = inference.decode_state(net, state_nS, known_nHK, predictor.symbol)
        return predictor.to_target_units(activate(net, raw_nHO, predictor.kind.binary))

    return IncrementalPredictor(read=read, answer=answer)


def _segment_names(inputs: ExplanationInputs, edge_B: Ints) -> tuple[str, ...]:
    return owen.segment_names(edge_B, len(inputs.windows.rows.known))


def _to_explanation(
    inputs: ExplanationInputs,
    attribution: Attribution,
    names: tuple[str, ...],
    by_lag_L: Floats,
    began: float,
    method: str,
) -> Explanation:
    """The players as the features of an Explanation; they have no values of their own."""
    return inputs.to_explanation(
        method=method,
        features=names,
        values_NHF=attribution.values_NPH.transpose(0, 2, 1),
        base_H=attribution.base_H,
        forecast_NH=attribution.forecast_NH,
        by_lag_L=by_lag_L,
        additivity_error=additivity_error(attribution.values_NPH, attribution.base_H, attribution.forecast_NH),
        began=began,
    )
