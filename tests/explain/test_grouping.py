"""Periods of time, means of groups, and an importance that switches features between two years."""

import json

import numpy as np
import pandas as pd
import pytest

from core.explain import grouping, shapley
from core.explain.game import Player
from core.explain.grouping import ALL_SPLITS, ImportanceSummary
from core.storage.serialize import from_json, to_json
from tests.explain.games import finish


def days(*dates):
    return np.array(dates, dtype="M8[ns]")


def test_years_are_groups_and_empty_years_are_left_out():
    by, code_N, names = grouping.periods(days("2008-01-02", "2009-05-01", "2009-12-31", "2017-06-01"))
    assert (by, names) == ("year", ("2008", "2009", "2017"))
    assert code_N.tolist() == [0, 1, 1, 2]


def test_many_years_share_a_group():
    by, code_N, names = grouping.periods(days("1953-03-01", "1959-03-01", "1960-01-01", "2021-01-01"))
    assert (by, names) == ("years", ("1953–1954", "1955–1959", "1960–1964", "2020–2021"))
    assert code_N.tolist() == [0, 1, 2, 3]


def test_short_series_are_cut_into_equal_segments():
    by, code_N, names = grouping.periods(pd.date_range("2020-01-01", "2020-12-31").to_numpy())
    assert by == "stretch" and len(names) == 8 and names[:2] == ("2020-01-01", "2020-02-15")
    assert np.ptp(np.bincount(code_N)) <= 1
    by, code_N, names = grouping.periods(pd.date_range("2020-01-01 09:30", periods=81, freq="min").to_numpy())
    assert names[:2] == ("2020-01-01 09:30", "2020-01-01 09:40") and np.bincount(code_N)[:7].tolist() == [10] * 7
    assert grouping.periods(days("2020-01-01"))[2] == ("2020-01-01 00:00",)


def test_means_and_splits_of_each_group():
    values_NHF = np.array([[[1.0, 0.0]], [[-3.0, 2.0]], [[5.0, 5.0]], [[9.0, 9.0]]])
    code_N, split_N = np.array([0, 0, 2, -1]), np.array([0, 0, 3, 4])
    groups = grouping.build_groups("year", ("a", "b", "c"), code_N, split_N, values_NHF)
    assert groups.names == ("a", "c") and groups.count_G.tolist() == [2, 1]
    np.testing.assert_array_equal(groups.mean_GF, [[2.0, 1.0], [5.0, 5.0]])
    assert groups.part_GP[0].tolist() == [2, 0, 0, 0, 0] and groups.part_GP[1, ALL_SPLITS.index("test")] == 1
    empty = grouping.build_groups("regime", ("calm",), np.full(4, -1), np.zeros(4, dtype=int), values_NHF)
    assert empty.names == () and empty.mean_GF.shape == (0, 2)


def test_groups_show_when_the_important_feature_changes():
    """f = a before 2010 and b from then on; a third feature tells the network the year."""
    rng = np.random.default_rng(0)
    cutoff_N = pd.date_range("2008-01-01", "2011-12-31", periods=120).to_numpy()
    x_NLF = rng.normal(size=(120, 4, 3)).astype(np.float32)
    x_NLF[:, :, 2] = (cutoff_N >= np.datetime64("2010-01-01"))[:, None]

    def predict(x_NLF, known_NHK):
        late = x_NLF[:, -1, 2]
        return (x_NLF[:, -1, 0] * (1 - late) + x_NLF[:, -1, 1] * late)[:, None]

    known_NHK = np.zeros((120, 1, 0), np.float32)
    players = tuple(Player(name=name, past=(f,)) for f, name in enumerate("abc"))
    result, _ = finish(shapley.permutation(predict, x_NLF, known_NHK, x_NLF[::10], known_NHK[::10], players, 0))
    by, code_N, names = grouping.periods(cutoff_N)
    groups = grouping.build_groups(by, names, code_N, np.zeros(120, dtype=int), result.values_NPH.transpose(0, 2, 1))
    assert names == ("2008", "2009", "2010", "2011")
    assert np.argmax(groups.mean_GF, axis=1).tolist() == [0, 0, 1, 1]


def test_rank_correlation_skips_windows_without_a_value():
    value_NF = np.column_stack([[1.0, 2.0, np.nan, 9.0], np.ones(4), [1.0, np.nan, np.nan, 2.0], [4.0, 3.0, 2.0, 1.0]])
    contribution_NF = np.tile(np.array([0.1, 0.2, -5.0, 0.3])[:, None], 4)
    correlation_F = grouping.rank_correlation(value_NF, contribution_NF)
    assert correlation_F[0] == pytest.approx(1.0) and correlation_F[3] == pytest.approx(-0.4)
    assert np.isnan(correlation_F[1:3]).all()


@pytest.mark.parametrize("width_F", [None, np.array([0.5, 1 / 3])])
def test_a_summary_survives_json(width_F):
    values_NHF = np.random.default_rng(0).normal(size=(6, 2, 2))
    groups = grouping.build_groups(
        "year", ("2008", "2009"), np.array([0, 0, 0, 1, 1, 1]), np.zeros(6, dtype=int), values_NHF
    )
    none = grouping.build_groups("regime", ("calm",), np.full(6, -1), np.zeros(6, dtype=int), values_NHF)
    view = ImportanceSummary(
        features=("a", "b"), time=groups, regime=none, width_F=width_F, lean_F=np.array([0.5, np.nan])
    )
    back = from_json(ImportanceSummary, json.loads(json.dumps(to_json(view), allow_nan=False)))
    assert back.features == view.features and back.time.names == groups.names and back.regime.names == ()
    np.testing.assert_array_equal(back.time.mean_GF, groups.mean_GF)
    np.testing.assert_array_equal(back.time.part_GP, groups.part_GP)
    np.testing.assert_array_equal(back.lean_F, view.lean_F)
    assert (back.width_F is None) == (width_F is None)
    assert back.regime.mean_GF.shape == (0, 2)
