"""From a frame to windows: their content, gaps, several symbols, known future covariates, and rejected input."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from core.data import frame as frames
from core.datasets import windows
from core.errors import DataError, FeatureError, SpecError
from core.spec import Spec
from core.types import Splits

Recipe = Callable[..., Spec]
Bars = Callable[..., pd.DataFrame]
SPLITS = ("train", "val", "calib", "test")


def prepare(spec: Spec, frame: pd.DataFrame) -> windows.Prepared:
    return windows.prepare(windows.resolve(spec, frame), frame)


def counts(splits: Splits) -> dict[str, int]:
    return {name: len(getattr(splits, name)) for name in (*SPLITS, "live")}


def test_a_window_ends_at_its_cutoff_and_its_labels_follow(recipe: Recipe, bars: Bars) -> None:
    table = bars()
    frame = frames.build({"A": table})
    spec = recipe(
        target__kind="close",
        target__horizon=3,
        features=["column:close", "weekday"],
        window__lookback=7,
        window__scaling="none",
    )
    test = prepare(spec, frame).splits.test
    n = 11
    row = table.index.get_loc(pd.Timestamp(test.cutoff_N[n]))
    np.testing.assert_array_equal(test.x_NLF[n, :, 0], table["close"].to_numpy()[row - 6 : row + 1].astype(np.float32))
    np.testing.assert_array_equal(test.y_NH[n], table["close"].to_numpy()[row + 1 : row + 4])
    np.testing.assert_array_equal(test.time_NH[n], table.index.to_numpy()[row + 1 : row + 4])
    weekday = ((table.index.dayofweek.to_numpy() - 3) / 3).astype(np.float32)
    np.testing.assert_array_equal(test.known_NHK[n, :, 0], weekday[row + 1 : row + 4])
    assert test.anchor_N[n] == table["close"].iloc[row]
    assert np.shares_memory(test.view_TLF, test.rows.x_TF)


def test_the_live_window_is_the_last_one_and_its_label_lies_in_the_future(recipe: Recipe, frame: pd.DataFrame) -> None:
    live = prepare(recipe(target__kind="close", target__horizon=3), frame).splits.live
    assert len(live) == 1
    assert live.cutoff_N[0] == frame.index[-1].to_numpy()
    assert (live.time_NH > frame.index[-1].to_numpy()).all()
    assert np.isnan(live.y_NH).all()
    assert np.isfinite(live.x_NLF).all()


def test_window_counts_follow_the_published_convention(recipe: Recipe, bars: Bars) -> None:
    frame = frames.build({"A": bars(400)})
    spec = recipe(
        target__kind="column",
        target__column="close",
        target__horizon=24,
        split__train=200,
        split__val=100,
        split__calib=0,
        split__test=100,
        window__lookback=48,
        features=["column:close"],
    )
    assert counts(prepare(spec, frame).splits) == {
        "train": 200 - 48 - 24,
        "val": 100 - 24,
        "calib": 0,
        "test": 100 - 24 + 1,
        "live": 1,
    }


def test_levels_are_scored_in_standard_deviations_of_the_training_rows(recipe: Recipe, bars: Bars) -> None:
    table = bars(400)
    spec = recipe(target__kind="close", split__train=200, split__val=80, split__calib=60, split__test=60)
    prepared = prepare(spec, frames.build({"A": table}))
    assert prepared.score_SC[0, 0] == pytest.approx(table["close"].to_numpy()[:200].std())


@pytest.mark.parametrize(
    ("kind", "norm", "anchored"),
    [("log_return", "last", False), ("close", "none", False), ("close", "last", True), ("volatility", "last", False)],
)
def test_network_targets_are_standardised_by_the_training_windows(
    recipe: Recipe, frame: pd.DataFrame, kind: str, norm: str, anchored: bool
) -> None:
    prepared = prepare(recipe(target__kind=kind, target__horizon=2, model__norm=norm), frame)
    train = prepared.splits.train
    target_NH = train.y_NH - train.anchor_N[:, None] if anchored else train.y_NH
    assert prepared.anchored == anchored
    np.testing.assert_allclose(prepared.y_scaler.center_SC[0], target_NH.mean(axis=0))
    np.testing.assert_allclose(prepared.y_scaler.scale_SC[0], target_NH.std(axis=0))


def test_directions_are_not_scaled(recipe: Recipe, frame: pd.DataFrame) -> None:
    scaler = prepare(recipe(target__kind="direction", target__horizon=1), frame).y_scaler
    assert (scaler.center_SC[0, 0], scaler.scale_SC[0, 0]) == (0.0, 1.0)


def test_windows_with_gaps_are_left_out_and_counted(recipe: Recipe, bars: Bars) -> None:
    table = bars()
    complete = prepare(spec := recipe(target__kind="close", target__horizon=2), frames.build({"A": table}))
    table.loc[table.index[150], "close"] = np.nan
    gappy = prepare(spec, frames.build({"A": table}))
    # Ten windows contain the gap and two more would have to forecast it.
    assert (complete.dropped, gappy.dropped) == (0, 12)
    assert counts(gappy.splits) == counts(complete.splits) | {"train": len(complete.splits.train) - 12}
    for name in SPLITS:
        assert np.isfinite(getattr(gappy.splits, name).x_NLF).all()
        assert np.isfinite(getattr(gappy.splits, name).y_NH).all()


def test_warm_up_rows_of_features_are_not_gaps(recipe: Recipe, frame: pd.DataFrame) -> None:
    short, long = (prepare(recipe(features=["return", f"ma_ratio:{n}"]), frame) for n in (5, 40))
    assert long.dropped == short.dropped == 0
    assert len(short.splits.train) - len(long.splits.train) == 35


def test_two_symbols_share_the_splits_but_no_window(recipe: Recipe, bars: Bars) -> None:
    frame = frames.build({"A": bars(seed=0), "B": bars(seed=1) * 50})
    spec = recipe(target__kind="close", data__symbols=["A", "B"])
    one = prepare(recipe(target__kind="close"), frame[["A"]])
    both = prepare(spec, frame)
    for name in SPLITS:
        of_both = getattr(both.splits, name)
        first = of_both.take(np.flatnonzero(of_both.symbol_N == 0))
        np.testing.assert_array_equal(first.x_NLF, getattr(one.splits, name).x_NLF)
        assert np.bincount(of_both.symbol_N).tolist() == [len(first), len(first)]
    assert both.splits.live.symbol_N.tolist() == [0, 1]
    rows = both.splits.train.rows
    start_N = both.splits.train.cutoff_row_N - spec.window.lookback + 1
    assert (rows.symbol_T[start_N] == both.splits.train.symbol_N).all()
    np.testing.assert_allclose(both.score_SC[:, 0], [frame[s]["close"].iloc[:330].std(ddof=0) for s in "AB"])


def test_a_symbol_without_training_windows_is_rejected(recipe: Recipe, bars: Bars) -> None:
    late = bars(600, seed=1).iloc[400:]
    with pytest.raises(DataError, match="B has no training window, which takes 15 consecutive rows"):
        prepare(recipe(data__symbols=["A", "B"]), frames.build({"A": bars(), "B": late}))


def test_recipes_that_do_not_fit_the_series_are_rejected_with_the_numbers(recipe: Recipe, bars: Bars) -> None:
    with pytest.raises(DataError, match=r"33 usable rows, which give 8 windows of lookback 20 .* at least 10"):
        prepare(recipe(target__kind="close", window__lookback=20), frames.build({"A": bars(60)}))
    with pytest.raises(DataError, match="2 rows; at least 3"):
        prepare(recipe(features=["column:close"]), frames.build({"A": bars(2)}))
    with pytest.raises(FeatureError, match=r"'rsj'.*rsi"):
        prepare(recipe(features=["rsj:14"]), frames.build({"A": bars()}))
    with pytest.raises(SpecError, match=r"900 rows .* 600"):
        prepare(recipe(split__train=700, split__val=100, split__calib=50, split__test=50), frames.build({"A": bars()}))


def test_a_series_that_ends_with_a_gap_has_training_windows_but_no_live_window(recipe: Recipe, bars: Bars) -> None:
    table = bars()
    table.loc[table.index[-2], "volume"] = np.nan
    frame = frames.build({"A": table, "B": bars(seed=1)})
    spec = windows.resolve(recipe(target__kind="close", data__symbols=["A", "B"]), frame)
    prepared = windows.prepare(spec, frame)
    live = prepared.splits.live
    assert [live.rows.symbols[s] for s in live.symbol_N] == ["B"]
    recent = windows.prepare_recent(spec, frame, prepared.x_scaler, prepared.y_scaler, np.datetime64("2015-01-01"))
    assert recent.live.symbol_N.tolist() == [1]
    assert len(prepare(recipe(target__kind="close", features=["column:close"]), frame).splits.live) == 2


def test_recent_windows_are_known_from_their_first_outcome_on(recipe: Recipe, bars: Bars) -> None:
    table = bars()
    table.loc[table.index[-40], "close"] = np.nan  # an outcome that is missing is another matter than one to come
    frame = frames.build({"A": table, "B": bars(seed=1)})
    spec = windows.resolve(
        recipe(target__kind="close", target__horizon=3, features=["column:volume"], data__symbols=["A", "B"]), frame
    )
    prepared = windows.prepare(spec, frame)
    known = windows.prepare_recent(spec, frame, prepared.x_scaler, prepared.y_scaler, np.datetime64("2015-01-01")).known
    for s in (0, 1):
        own = known.take(np.flatnonzero(known.symbol_N == s))
        assert own.cutoff_N[-1] == table.index[-2].to_datetime64()
        missing = np.isnan(own.y_NH).sum(axis=1)
        assert missing[-2:].tolist() == [1, 2] and not missing[:-2].any()


def with_plan(bars: Bars, ahead: int, seed: int = 0) -> tuple[pd.DataFrame, pd.Series]:
    """A series with a plan that reaches `ahead` steps beyond it, and the plan."""
    table = bars(seed=seed)
    later = pd.bdate_range(table.index[-1], periods=ahead + 1)[1:]
    plan = pd.Series(np.arange(len(table) + ahead) % 7, index=table.index.append(later), dtype=float)
    return table.reindex(plan.index).assign(plan=plan), plan


def test_known_future_covariates_reach_every_step(recipe: Recipe, bars: Bars) -> None:
    table, plan = with_plan(bars, ahead=9)
    spec = recipe(
        target__kind="close",
        target__horizon=5,
        data__known_future=["plan"],
        window__scaling="none",
        features=["column:close", "known:plan"],
    )
    splits = prepare(spec, frames.build({"A": table})).splits
    assert splits.live.cutoff_N[0] == bars().index[-1].to_datetime64()
    for one in (splits.train, splits.test, splits.live):
        assert np.array_equal(one.known_NHK[:, :, 0], plan[one.time_NH.ravel()].to_numpy().reshape(-1, 5))
    assert (splits.live.time_NH[0] == plan.index[-9:-4].to_numpy()).all()


def test_a_plan_that_ends_before_the_horizon_leaves_no_live_window(recipe: Recipe, bars: Bars) -> None:
    spec = recipe(target__kind="close", target__horizon=5, data__known_future=["plan"], features=["known:plan"])
    assert len(prepare(spec, frames.build({"A": with_plan(bars, ahead=4)[0]})).splits.live) == 0
    assert len(prepare(spec, frames.build({"A": with_plan(bars, ahead=5)[0]})).splits.live) == 1


def test_joined_series_forward_filled_into_the_future_are_not_observations(recipe: Recipe, bars: Bars) -> None:
    table = with_plan(bars, ahead=9)[0]
    table["macro.rate"] = np.arange(len(table), dtype=float)
    spec = recipe(
        target__kind="close",
        target__horizon=5,
        data__known_future=["plan"],
        features=["column:close", "known:plan", "change:macro.rate"],
    )
    live = prepare(spec, frames.build({"A": table})).splits.live
    assert live.cutoff_N.tolist() == [bars().index[-1].to_datetime64().astype("M8[ns]").astype(int)]


def test_known_future_covariates_are_default_features_and_checked(recipe: Recipe, bars: Bars) -> None:
    frame = frames.build({"A": with_plan(bars, ahead=5)[0]})
    assert windows.resolve(recipe(data__known_future=["plan"]), frame).features[-1] == "known:plan"
    with pytest.raises(DataError, match="known_future names 'no', which is no column of A"):
        prepare(recipe(data__known_future=["no"]), frame)
    with pytest.raises(DataError, match="'plan' is the column to forecast"):
        prepare(recipe(data__known_future=["plan"], target__kind="column", target__column="plan"), frame)


def test_fractions_divide_the_rows_that_have_every_feature(recipe: Recipe, bars: Bars) -> None:
    table = bars(1000)
    table["macro.VIX"] = np.where((np.arange(1000) < 600) | (np.arange(1000) >= 950), np.nan, np.arange(1000.0))
    fractions = {"split__train": 0.6, "split__val": 0.1, "split__calib": 0.1, "split__test": 0.2}
    prepared = prepare(recipe(features=["return", "change:macro.VIX"], **fractions), frames.build({"A": table}))
    bounds = prepared.bounds
    index = bounds.index
    assert (index[0], index[-1]) == (table.index[600], table.index[949])
    sizes = [bounds.end[name] - bounds.start[name] for name in SPLITS]
    assert sizes == [210, 35, 35, 70]
    assert prepared.splits.test.cutoff_N.max() < table.index[950]
    row_counts = {"split__train": 700, "split__val": 100, "split__calib": 50, "split__test": 150}
    in_rows = prepare(recipe(features=["return"], **row_counts), frames.build({"A": table}))
    assert in_rows.bounds.index[0] == table.index[0]


def test_a_single_feature_can_be_winsorised(recipe: Recipe, bars: Bars) -> None:
    prepared = prepare(recipe(features=["return", "return:2|winsorize"]), frames.build({"A": bars()}))
    scaler, train = prepared.x_scaler, prepared.splits.train
    low_C, high_C = scaler.low_SC[0], scaler.high_SC[0]
    assert np.isinf([low_C[0], high_C[0]]).all()
    x_TF = train.rows.x_TF[: train.cutoff_row_N[-1]]
    raw_T = prepared.raw_TF[: len(x_TF), 1]
    assert np.nanquantile(raw_T, 0.999) > high_C[1] > np.nanquantile(raw_T, 0.98)
    highest = (high_C[1] - scaler.center_SC[0, 1]) / scaler.scale_SC[0, 1]
    assert np.nanmax(x_TF[:, 1]) == pytest.approx(highest, rel=1e-6)


def test_no_label_of_a_symbol_reaches_the_next_split_of_another(recipe: Recipe, bars: Bars) -> None:
    paused = bars(seed=1)
    paused = paused.drop(paused.index[300:345])  # across the end of the training split, row 330
    splits = prepare(recipe(data__symbols=["A", "B"]), frames.build({"A": bars(), "B": paused})).splits
    for name, following in (("train", "val"), ("val", "calib"), ("calib", "test")):
        before, after = getattr(splits, name), getattr(splits, following)
        label_end_N = before.rows.time_T[before.rows.label_end_T[before.cutoff_row_N]]
        assert label_end_N.max() < after.cutoff_N.min()


def test_resolve_fills_in_features_and_column_and_drops_repeats(recipe: Recipe, frame: pd.DataFrame) -> None:
    resolved = windows.resolve(recipe(target__kind="volatility"), frame)
    assert resolved.target.column == "close"
    assert resolved.features[:2] == ("return", "abs_return")
    assert windows.resolve(recipe(features=["return", "rsi:14", "return"]), frame).features == ("return", "rsi:14")
    assert windows.resolve(resolved, frame) == resolved


@pytest.mark.parametrize("norm", ["last", "none"])
def test_a_level_on_the_log_scale_is_learned_as_a_log_and_scored_as_a_level(
    recipe: Recipe, bars: Bars, norm: str
) -> None:
    table = bars()
    spec = recipe(
        target__kind="close",
        target__horizon=2,
        model__norm=norm,
        window__log=True,
        features=["column:close", "return", "column:volume"],
    )
    prepared = prepare(spec, frames.build({"A": table}))
    close_T = table["close"].to_numpy()
    log_T = np.log(close_T)
    train, row_N = prepared.splits.train, prepared.splits.train.cutoff_row_N
    np.testing.assert_array_equal(train.y_NH, np.stack([log_T[row_N + 1], log_T[row_N + 2]], axis=1))
    np.testing.assert_array_equal(train.anchor_N, log_T[row_N])
    target_NH = train.y_NH - log_T[row_N][:, None] if norm == "last" else train.y_NH
    np.testing.assert_allclose(prepared.y_scaler.scale_SC[0], target_NH.std(axis=0))
    np.testing.assert_allclose(prepared.kind.to_user(train.y_NH)[:, 0], close_T[row_N + 1], rtol=1e-13)
    assert prepared.score_SC[0, 0] == pytest.approx(close_T[:330].std())
    assert prepared.x_scaler.log_C is not None and prepared.x_scaler.log_C.tolist() == [True, False, True]
    np.testing.assert_array_equal(prepared.raw_TF[:600, 0], close_T)  # explanations show the level itself
    mean, deviation = log_T[:330].mean(), log_T[:330].std()
    np.testing.assert_allclose(train.rows.x_TF[:600, 0], (log_T - mean) / deviation, rtol=1e-4, atol=1e-5)


def test_the_log_scale_is_rejected_for_values_that_are_not_positive(recipe: Recipe, bars: Bars) -> None:
    table = bars()
    table.loc[table.index[[40, 90]], "volume"] = 0.0
    with pytest.raises(DataError, match=rf"column:volume, and 2 of its values .* on {table.index[40]:%Y-%m-%d}"):
        prepare(recipe(window__log=True, features=["return", "column:volume"]), frames.build({"A": table}))
    with pytest.raises(DataError, match="2 values of 'volume' are zero or below"):
        prepare(
            recipe(window__log=True, target__kind="column", target__column="volume", features=["change:volume"]),
            frames.build({"A": table}),
        )
    spec = recipe(window__log=True, features=["return", "volume_change"])
    assert prepare(spec, frames.build({"A": table})).x_scaler.log_C is None


def test_outliers_are_clipped_at_the_quantiles_of_the_training_rows(recipe: Recipe, bars: Bars) -> None:
    table = bars()
    table.loc[table.index[[100, 450]], "volume"] *= 1e6
    spec = recipe(
        features=["column:volume", "weekday"],
        window__outliers="winsorize",
        window__scaling="none",
        target__kind="close",
    )
    x_TF = prepare(spec, frames.build({"A": table})).splits.train.rows.x_TF
    low, high = np.quantile(table["volume"].to_numpy()[:330], [0.005, 0.995])
    assert x_TF[[100, 450], 0].tolist() == [np.float32(high)] * 2
    assert (np.nanmin(x_TF[:, 0]), np.nanmax(x_TF[:, 0])) == (np.float32(low), np.float32(high))
    np.testing.assert_allclose(x_TF[:600, 1], (table.index.dayofweek.to_numpy() - 3) / 3, rtol=1e-6)  # not clipped


def test_windows_in_the_dead_zone_are_left_out_but_not_counted_as_gaps(recipe: Recipe, bars: Bars) -> None:
    table = bars()
    spec = recipe(target__kind="direction", target__horizon=1, target__dead_zone=0.01, features=["return"])
    prepared = prepare(spec, frames.build({"A": table}))
    close_T = table["close"].to_numpy()
    for name in SPLITS:
        row_N = getattr(prepared.splits, name).cutoff_row_N
        assert (np.abs(close_T[row_N + 1] / close_T[row_N] - 1) >= 0.01).all()
    unscored_N = prepared.splits.unscored.cutoff_row_N
    assert (np.abs(close_T[unscored_N + 1] / close_T[unscored_N] - 1) < 0.01).all()
    whole = prepare(
        recipe(target__kind="direction", target__horizon=1, features=["return"]), frames.build({"A": table})
    )
    assert sorted([*prepared.splits.test.cutoff_row_N, *unscored_N]) == [*whole.splits.test.cutoff_row_N]
    assert prepared.dropped == len(whole.splits.unscored) == 0
    table.loc[table.index[150], "close"] = np.nan
    frame = frames.build({"A": table})
    without_zone = prepare(recipe(target__kind="direction", target__horizon=1, features=["return"]), frame)
    assert prepare(spec, frame).dropped == without_zone.dropped == 11
    with pytest.raises(
        DataError, match=r"training split has 0 windows; at least 10 .* \d+ windows .* dead zone of 0\.4"
    ):
        prepare(recipe(target__kind="direction", target__dead_zone=0.4, features=["return"]), frame)
