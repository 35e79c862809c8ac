"""From a frame to the windows of every split, scaled by the training rows alone.

Axis letters: T rows, N windows, S symbols, C columns, H steps, F features.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd

from core.datasets import label_floor, scaling, split, targets, window_checks
from core.datasets.defaults import resolve as resolve
from core.datasets.panel import (
    Panel,
    build_panel,
    emptiest_feature,
    has_complete_window,
    log_scaled_features,
    run_lengths,
    times_to_split,
)
from core.datasets.scaling import Scaler
from core.errors import DataError
from core.features import transforms
from core.language import message
from core.spec import Spec
from core.types import Flags, Floats, Ints, Rows, Run, Splits, Windows


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Windows and everything that was fitted to obtain them; `x_scaler` and `y_scaler` are fitted on training rows."""

    splits: Splits
    bounds: split.SplitBounds
    kind: targets.TargetKind
    horizon: int
    raw_TF: Floats  # unscaled features
    x_scaler: Scaler
    y_scaler: Scaler  # of the network's targets: labels, or their distance from the level at the cutoff
    anchored: bool  # the network learns that distance
    score_SC: Floats  # standard deviation of each symbol's training labels, on the scale of scores
    dropped: int  # windows left out because of missing values, not counting those in a dead zone

    @property
    def calibrated_on(self) -> str:
        """The split that calibrates the first intervals: calib, or val if calib is empty."""
        return "calib" if len(self.splits.calib) else "val"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentWindows:
    """The newest windows: `known` have labels; `live` are the last of each symbol, whose labels lie in the future."""

    known: Windows
    live: Windows
    kind: targets.TargetKind
    y_scaler: Scaler
    anchored: bool


def anchored(spec: Spec) -> bool:
    """Whether the network learns the distance from the level at the cutoff (last-value normalisation)."""
    return spec.model.norm != "none" and targets.TARGETS[spec.target.kind].level


def network_targets(rows: Rows, anchored: bool) -> Floats:
    """What the network learns, before scaling: the labels, or their distance from the level at the cutoff; (T, H)."""
    return rows.y_TH - rows.level_T[:, None] if anchored else rows.y_TH


def prepare(
    spec: Spec,
    frame: pd.DataFrame,
    scalers: tuple[Scaler, Scaler] | None = None,
    needed: tuple[str, ...] = split.SPLITS,
    panel: Panel | None = None,
) -> Prepared:
    """The windows of a resolved recipe; with `scalers` (of a saved run) nothing is fitted. Splits other than the
    `needed` ones may be empty. `panel` is that of the recipe and the frame, if it is known.

    A symbol whose newest window has a gap has no live window. Raises DataError (too few rows, a constant level or one
    that is not positive), FeatureError and SpecError.
    """
    panel, lookback = panel or build_panel(spec, frame), spec.window.lookback
    bounds = split.compute_bounds(spec.split, times_to_split(spec, panel, frame))
    cutoff_rows, dropped = _find_cutoffs(spec, panel, bounds, needed)
    train_T = _train_rows(panel, bounds)
    x_scaler, y_scaler = scalers or _fit_scalers(spec, panel, train_T, cutoff_rows["train"])
    cutoff_rows["live"] = _live_cutoffs(panel, lookback)
    rows = _scale_features(label_floor.apply(panel.rows, y_scaler.low_SC), x_scaler)
    splits = {name: Windows(rows=rows, lookback=lookback, cutoff_row_N=row_N) for name, row_N in cutoff_rows.items()}
    splits["train"] = replace(splits["train"], length_N=_window_lengths(spec, panel, cutoff_rows["train"]))
    return Prepared(
        splits=Splits(**splits),
        bounds=bounds,
        kind=panel.kind,
        horizon=spec.target.horizon,
        raw_TF=panel.rows.x_TF,
        x_scaler=x_scaler,
        y_scaler=y_scaler,
        anchored=anchored(spec),
        dropped=dropped,
        score_SC=_score_scale(panel, train_T, y_scaler),
    )


def prepare_saved(saved: Run) -> Prepared:
    """The windows of a saved run, scaled as in its training."""
    return prepare(saved.spec, saved.frame, restore_scalers(saved.state))


def prepare_recent(
    spec: Spec,
    frame: pd.DataFrame,
    x_scaler: Scaler,
    y_scaler: Scaler,
    after: np.datetime64,
    panel: Panel | None = None,
) -> RecentWindows:
    """The windows with cutoffs from `after` on, scaled by the scalers of a trained model.

    Known are windows whose first outcome is known, and all others that do not lie after the last row. A symbol whose
    newest window has a gap has no live window. `panel` is that of the recipe and the frame, if it is known.
    """
    panel, lookback = panel or build_panel(spec, frame), spec.window.lookback
    known_TH = np.isfinite(panel.rows.y_TH)
    labelled_T = known_TH[:, 0] & (known_TH | _after_the_last_row(panel.rows)).all(axis=1)
    known_N = np.flatnonzero(has_complete_window(panel, lookback) & labelled_T & (panel.rows.time_T >= after))
    rows = _scale_features(label_floor.apply(panel.rows, y_scaler.low_SC), x_scaler)
    return RecentWindows(
        known=Windows(rows=rows, lookback=lookback, cutoff_row_N=known_N),
        live=Windows(rows=rows, lookback=lookback, cutoff_row_N=_live_cutoffs(panel, lookback)),
        kind=panel.kind,
        y_scaler=y_scaler,
        anchored=anchored(spec),
    )


def restore_scalers(state: dict[str, Floats]) -> tuple[Scaler, Scaler]:
    """The scalers of inputs and labels in the state of a saved run."""
    return scaling.restore(state, "x"), scaling.restore(state, "y")


def select_symbol(prepared: Prepared, symbol: int) -> Prepared:
    """The same with the windows of one symbol (a position) only.

    Raises DataError if the symbol has no training or no validation window.
    """
    splits = {field.name: getattr(prepared.splits, field.name) for field in fields(prepared.splits)}
    selected = {name: windows.take(np.flatnonzero(windows.symbol_N == symbol)) for name, windows in splits.items()}
    for name in ("train", "val"):
        if not len(selected[name]):
            raise DataError(
                message(
                    "{symbol} has no {split} window, and a model of its own needs some. Set model.symbols to embedded "
                    "or shared, or leave the symbol out.",
                    symbol=splits[name].rows.symbols[symbol],
                    split=message(split.TITLES[name]),
                )
            )
    return replace(prepared, splits=Splits(**selected))


def _after_the_last_row(rows: Rows) -> Flags:
    """Whether each outcome lies in the future rows that end the block of its symbol: (T, H)."""
    row_T = np.arange(len(rows.symbol_T))
    end_S = np.searchsorted(rows.symbol_T, np.arange(len(rows.symbols)), side="right")
    return row_T[:, None] + np.asarray(rows.steps) >= end_S[rows.symbol_T][:, None] - rows.steps[-1]


def _live_cutoffs(panel: Panel, lookback: int) -> Ints:
    """The last observed row of each symbol, if its window is complete."""
    last_S = np.array([start + length - 1 for start, length in zip(panel.start, panel.length, strict=True)])
    return last_S[has_complete_window(panel, lookback)[last_S]]


def _scale_features(rows: Rows, x_scaler: Scaler) -> Rows:
    x_TF = x_scaler.apply(rows.x_TF, rows.symbol_T, np.float32)
    return replace(rows, x_TF=x_TF, known_TK=x_TF[:, [rows.features.index(name) for name in rows.known]])


def _find_cutoffs(
    spec: Spec, panel: Panel, bounds: split.SplitBounds, needed: tuple[str, ...]
) -> tuple[dict[str, Ints], int]:
    """The cutoff rows of each split and the unscored ones, and the number of windows left out because of gaps.

    With `window.min_length` the training split has windows of at least that many complete rows, which may begin with
    the series or after a gap.
    """
    horizon, lookback = spec.target.horizon, spec.window.lookback
    labelled_T = np.isfinite(panel.rows.y_TH).all(axis=1)
    complete_T, min_length = has_complete_window(panel, lookback), spec.window.min_length or lookback
    cutoff_rows: dict[str, Ints] = {}
    sizes, dropped, in_dead_zone = {}, 0, 0
    for name in split.SPLITS:
        rows_by_symbol, in_zone_by_symbol, sizes[name] = [], [], 0
        shortest = min_length if name == "train" else lookback
        window_T = complete_T if shortest == lookback else has_complete_window(panel, shortest)
        ready_T, dead_zone_T = window_T & labelled_T, window_T & panel.dead_zone_T
        for s, block_start in enumerate(panel.start):
            index = panel.index(s)
            start, end = bounds.positions(name, index)
            usable = panel.usable_T[block_start : block_start + len(index)]
            sizes[name] += int(usable[start:end].sum())
            row_N = block_start + split.cutoffs(
                name, bounds, index, lookback=shortest, reach=horizon, gap=spec.split.gap
            )
            ready_N = ready_T[row_N]
            # Rows before the first usable one are the warm-up of features, not gaps.
            warm_up = int(np.argmax(usable)) if usable.any() else len(index)
            missing_N = ~ready_N & (row_N - shortest + 1 >= block_start + warm_up)
            dropped += int((missing_N & ~dead_zone_T[row_N]).sum())
            in_dead_zone += int((missing_N & dead_zone_T[row_N]).sum())
            rows_by_symbol.append(row_N[ready_N])
            in_zone_by_symbol.append(row_N[dead_zone_T[row_N]])
        cutoff_rows[name] = np.concatenate(rows_by_symbol)
        if name == "test":
            cutoff_rows["unscored"] = np.concatenate(in_zone_by_symbol)
    counts = {name: len(cutoff_rows[name]) for name in split.SPLITS}
    window_checks.check_dead_zone(spec, counts, in_dead_zone)
    split.check_counts(
        {name: counts[name] for name in needed},
        sizes,
        lookback=lookback,
        shortest=min_length,
        reach=horizon,
        dropped=dropped,
        train_rows=bounds.end["train"] - bounds.start["train"],
        emptiest=emptiest_feature(panel),
        apart=max(0, (spec.split.gap or 0) - horizon),
    )
    window_checks.check_symbols(panel, cutoff_rows["train"], min_length + horizon)
    return cutoff_rows, dropped


def _window_lengths(spec: Spec, panel: Panel, train_N: Ints) -> Ints | None:
    """The observed rows of each training window; None if all windows are full. Raises DataError if none is full."""
    lookback = spec.window.lookback
    if spec.window.min_length is None:
        return None
    length_N = run_lengths(panel, train_N, lookback)
    if (length_N < lookback).all():
        raise DataError(
            message(
                "None of the {count} training windows is full: the longest has {longest} rows, and forecasts use "
                "{lookback}. Shorten window.lookback to at most {longest}, make split.train larger, or load more "
                "history.",
                count=len(length_N),
                longest=length_N.max(),
                lookback=lookback,
            )
        )
    return length_N if (length_N < lookback).any() else None


def _train_rows(panel: Panel, bounds: split.SplitBounds) -> Flags:
    train_T = np.zeros(len(panel.rows.time_T), dtype=bool)
    for s, block_start in enumerate(panel.start):
        start, end = bounds.positions("train", panel.index(s))
        train_T[block_start + start : block_start + end] = True
    return train_T


def _fit_scalers(spec: Spec, panel: Panel, train_T: Flags, train_N: Ints) -> tuple[Scaler, Scaler]:
    """The scalers of inputs, fitted on training rows, and of the network's targets, fitted on training cutoffs."""
    rows, symbols = panel.rows, len(panel.start)
    log_F = log_scaled_features(spec)
    # Known features (calendar, plans) have no outliers.
    clip_F = np.array(
        [
            transforms.is_winsorized(name) or (spec.window.outliers == "winsorize" and name not in rows.known)
            for name in rows.features
        ]
    )
    x_scaler = scaling.fit(
        rows.x_TF,
        rows.symbol_T,
        train_T,
        symbols,
        spec.window.scaling,
        log_C=log_F if log_F.any() else None,
        clip_C=clip_F if clip_F.any() else None,
    )
    cutoff_T = np.isin(np.arange(len(rows.time_T)), train_N)
    y_scaling = "none" if panel.kind.binary else "standard"
    least_SC = label_floor.fit(panel.kind, rows, train_N)
    target_TC = network_targets(label_floor.apply(rows, least_SC), anchored(spec))
    y_scaler = scaling.fit(target_TC, rows.symbol_T, cutoff_T, symbols, y_scaling)
    return x_scaler, label_floor.add(y_scaler, least_SC)


def _score_scale(panel: Panel, train_T: Flags, y_scaler: Scaler) -> Floats:
    if not panel.kind.level:
        return y_scaler.scale_SC
    # Levels are standardised by the training rows themselves, the convention of published benchmark tables.
    level_T1, symbol_T = panel.kind.to_user(panel.rows.level_T)[:, None], panel.rows.symbol_T
    return scaling.fit(level_T1, symbol_T, train_T, len(panel.start), "standard").scale_SC
