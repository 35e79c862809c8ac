"""From a frame to the windows of every part, scaled by what the training rows alone say."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.data.frame import columns
from core.datasets import levels, split, targets
from core.datasets import panel as rows
from core.datasets import scaling as scale
from core.errors import DataError
from core.features import registry, transforms
from core.spec import Spec
from core.types import Flags, Floats, Ints, Rows, Run, Splits, Windows


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Windows and everything fitted on the way to them; `x_scaler` and `y_scaler` saw training rows only."""

    splits: Splits
    bounds: split.Borders
    kind: targets.TargetKind
    horizon: int
    raw_TF: Floats  # features before scaling
    x_scaler: scale.Scaler
    y_scaler: scale.Scaler  # of what the network learns: labels, or their distance from the level at the cutoff
    anchored: bool  # the network learns that distance
    score_SC: Floats  # standard deviation of each symbol's training labels, on the scale of scores
    dropped: int  # windows left out for missing values; those that a dead zone leaves without a label do not count

    @property
    def calibrated_on(self) -> str:
        """The split that calibrates the first intervals: calib, or val if that is empty."""
        return "calib" if len(self.splits.calib) else "val"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """The newest windows: `known` have labels, `live` are the last of each symbol, whose label lies ahead."""

    known: Windows
    live: Windows
    kind: targets.TargetKind
    y_scaler: scale.Scaler
    anchored: bool


def anchored(spec: Spec) -> bool:
    """Whether the network learns the distance from the level at the cutoff (last-value normalisation)."""
    return spec.model.norm != "none" and targets.TARGETS[spec.target.kind].level


def learned_TH(rows: Rows, anchored: bool) -> Floats:
    """What the network learns at each cutoff row, before scaling: the labels, or their distance from the level."""
    return rows.y_TH - rows.level_T[:, None] if anchored else rows.y_TH


def resolve(spec: Spec, frame: pd.DataFrame) -> Spec:
    """The recipe with its empty choices filled in: the features and the column that this frame gives by default."""
    names = columns(frame)
    level = levels.level_column(spec.target, names)
    group = targets.TARGETS[spec.target.kind].default_features
    features = spec.features or registry.defaults(group, names, level, spec.data.known_future)
    return replace(spec, features=tuple(dict.fromkeys(features)), target=replace(spec.target, column=level))


def again(saved: Run) -> Prepared:
    """The windows of a saved run, scaled as they were when it was trained; nothing is fitted anew."""
    return prepare(saved.spec, saved.frame, scalers_of(saved.state))


def scalers_of(state: dict[str, Floats]) -> tuple[scale.Scaler, scale.Scaler]:
    """The scalers of inputs and labels that a run was trained with."""
    return scale.restore(state, "x"), scale.restore(state, "y")


def prepare(spec: Spec, frame: pd.DataFrame, scalers: tuple[scale.Scaler, scale.Scaler] | None = None) -> Prepared:
    """The windows of a resolved recipe; with `scalers` (of a saved run) nothing is fitted anew.

    A symbol whose newest window has a hole has no live window. Raises DataError (too few rows, constant or non-positive
    level), FeatureError and SpecError.
    """
    panel = rows.build(spec, frame)
    bounds = split.borders(spec.split, rows.span(spec, panel, frame))
    found, dropped = _find(spec, panel, bounds)
    train_T = _train_rows(panel, bounds)
    x_scaler, y_scaler = scalers or _fit(spec, panel, train_T, found["train"])
    scaled, lookback = _scaled(panel.rows, x_scaler), spec.window.lookback
    live = _last_rows(panel)
    found["live"] = live[rows.ready(panel, lookback)[live]]
    parts = {part: Windows(rows=scaled, lookback=lookback, cutoff_row_N=at) for part, at in found.items()}
    parts["train"] = replace(parts["train"], length_N=_lengths(spec, panel, found["train"]))
    return Prepared(
        splits=Splits(**parts),
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


def of_symbol(prepared: Prepared, symbol: int) -> Prepared:
    """The same with the windows of one symbol (a position) alone. Raises DataError when it has none to learn from or
    to stop by."""
    parts = {name: getattr(prepared.splits, name) for name in (*split.PARTS, "live")}
    kept = {name: part.take(np.flatnonzero(part.symbol_N == symbol)) for name, part in parts.items()}
    for name in ("train", "val"):
        if not len(kept[name]):
            raise DataError(
                f"{parts[name].rows.symbols[symbol]} gives no window to the {name} part, and a model of "
                "its own needs some. Set model.symbols to embedded or shared, or leave the symbol out."
            )
    return replace(prepared, splits=Splits(**kept))


def recent(
    spec: Spec, frame: pd.DataFrame, x_scaler: scale.Scaler, y_scaler: scale.Scaler, after: np.datetime64
) -> Recent:
    """The windows with cutoffs from `after` on, scaled as a trained model expects; nothing is fitted.

    A symbol whose newest window has a hole has no live window.
    """
    panel, lookback = rows.build(spec, frame), spec.window.lookback
    ready_T, live = rows.ready(panel, lookback), _last_rows(panel)
    live = live[ready_T[live]]
    known = np.flatnonzero(ready_T & np.isfinite(panel.rows.y_TH).all(axis=1) & (panel.rows.time_T >= after))
    scaled = _scaled(panel.rows, x_scaler)
    return Recent(
        known=Windows(rows=scaled, lookback=lookback, cutoff_row_N=known),
        live=Windows(rows=scaled, lookback=lookback, cutoff_row_N=live),
        kind=panel.kind,
        y_scaler=y_scaler,
        anchored=anchored(spec),
    )


def _last_rows(panel: rows.Panel) -> Ints:
    return np.array([start + count - 1 for start, count in zip(panel.offset, panel.observed, strict=True)])


def _scaled(raw: Rows, x_scaler: scale.Scaler) -> Rows:
    x_TF = x_scaler.apply(raw.x_TF, raw.symbol_T, np.float32)
    return replace(raw, x_TF=x_TF, known_TK=x_TF[:, [raw.features.index(name) for name in raw.known]])


def _find(spec: Spec, panel: rows.Panel, bounds: split.Borders) -> tuple[dict[str, Ints], int]:
    """The cutoff rows of each part, and how many windows were left out for holes.

    With `window.min_length` the training part takes windows from that many complete rows on: a run of them may begin
    with the series or after a hole.
    """
    horizon, lookback = spec.target.horizon, spec.window.lookback
    labelled_T = np.isfinite(panel.rows.y_TH).all(axis=1)
    whole_T, least = rows.ready(panel, lookback), spec.window.min_length or lookback
    found: dict[str, Ints] = {}
    sizes, dropped, quiet = {}, 0, 0
    for part in split.PARTS:
        kept, sizes[part] = [], 0
        shortest = least if part == "train" else lookback
        seen_T = whole_T if shortest == lookback else rows.ready(panel, shortest)
        ready_T, quiet_T = seen_T & labelled_T, seen_T & panel.quiet_T
        for s, offset in enumerate(panel.offset):
            index = panel.index(s)
            start, end = bounds.local(part, index)
            usable = panel.usable_T[offset : offset + len(index)]
            sizes[part] += int(usable[start:end].sum())
            at_N = offset + split.cutoffs(part, bounds, index, lookback=shortest, reach=horizon, gap=spec.split.gap)
            good_N = ready_T[at_N]
            # Rows before the first complete one are warm-up, not holes.
            warm = int(np.argmax(usable)) if usable.any() else len(index)
            missing_N = ~good_N & (at_N - shortest + 1 >= offset + warm)
            dropped += int((missing_N & ~quiet_T[at_N]).sum())
            quiet += int((missing_N & quiet_T[at_N]).sum())
            kept.append(at_N[good_N])
        found[part] = np.concatenate(kept)
    counts = {part: len(found[part]) for part in found}
    _check_quiet(spec, counts, quiet)
    split.check_counts(counts, sizes, lookback=lookback, shortest=least, reach=horizon, dropped=dropped)
    _check_symbols(panel, found["train"], least + horizon)
    return found, dropped


def _lengths(spec: Spec, panel: rows.Panel, train_N: Ints) -> Ints | None:
    """The real rows of each training window; None where all are whole. Raises DataError where none is."""
    lookback, shortest = spec.window.lookback, spec.window.min_length
    if shortest is None:
        return None
    length_N = rows.lengths(panel, train_N, lookback)
    if (length_N < lookback).all():
        raise DataError(
            f"All {len(length_N)} training windows are short: the longest has {length_N.max()} rows, and "
            f"forecasts are made from {lookback}. Shorten window.lookback to at most {length_N.max()}, "
            "make the training part larger, or load more history."
        )
    return length_N if (length_N < lookback).any() else None


def _check_quiet(spec: Spec, counts: dict[str, int], quiet: int) -> None:
    """Raise DataError where the dead zone leaves a part with too few windows."""
    few = [part for part, least in split.LEAST.items() if counts[part] < least and getattr(spec.split, part) != 0]
    if quiet and few:
        raise DataError(
            f"The {few[0]} part keeps {counts[few[0]]} windows, and {quiet} windows have a move below the "
            f"dead zone of {spec.target.dead_zone:g} at one of their {spec.target.horizon} steps; at least "
            f"{split.LEAST[few[0]]} are needed. Make target.dead_zone or target.horizon smaller."
        )


def _check_symbols(panel: rows.Panel, train_N: Ints, length: int) -> None:
    """Raise DataError for a symbol without a training window: nothing would be known of its scale."""
    of_S = np.bincount(panel.rows.symbol_T[train_N], minlength=len(panel.offset))
    without = [name for name, count in zip(panel.rows.symbols, of_S, strict=True) if count == 0]
    if without:
        raise DataError(
            f"{', '.join(without)} gives no window to the training part: that takes {length} rows in a row "
            "before its end. Leave it out, load more of its history, or make the training part larger."
        )


def _train_rows(panel: rows.Panel, bounds: split.Borders) -> Flags:
    train_T = np.zeros(len(panel.rows.time_T), dtype=bool)
    for s, offset in enumerate(panel.offset):
        start, end = bounds.local("train", panel.index(s))
        train_T[offset + start : offset + end] = True
    return train_T


def _fit(spec: Spec, panel: rows.Panel, train_T: Flags, train_N: Ints) -> tuple[scale.Scaler, scale.Scaler]:
    raw, count = panel.rows, len(panel.offset)
    log_F = rows.logged(spec)
    # The calendar has no outliers.
    clip_F = np.array(
        [
            transforms.is_winsorized(name) or (spec.window.outliers == "winsorize" and name not in raw.known)
            for name in raw.features
        ]
    )
    x_scaler = scale.fit(
        raw.x_TF,
        raw.symbol_T,
        train_T,
        count,
        spec.window.scaling,
        log_C=log_F if log_F.any() else None,
        clip_C=clip_F if clip_F.any() else None,
    )
    labelled_T = np.zeros(len(raw.time_T), dtype=bool)
    labelled_T[train_N] = True
    scaling = "none" if panel.kind.binary else "standard"
    return x_scaler, scale.fit(learned_TH(raw, anchored(spec)), raw.symbol_T, labelled_T, count, scaling)


def _score_scale(panel: rows.Panel, train_T: Flags, y_scaler: scale.Scaler) -> Floats:
    if not panel.kind.level:
        return y_scaler.scale_SC
    # Levels are standardised by the training rows themselves, the convention of the published tables.
    level_T1, symbol_T = panel.kind.to_user(panel.rows.level_T)[:, None], panel.rows.symbol_T
    return scale.fit(level_T1, symbol_T, train_T, len(panel.offset), "standard").scale_SC
