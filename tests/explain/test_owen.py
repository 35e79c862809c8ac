"""Time segments as players: shared states against plain masking, shap's exact explainer, features that add up."""

import itertools

import numpy as np
import pytest
import torch

from core.errors import DataError, SpecError
from core.events import Progress
from core.explain import owen, shapley
from core.explain.explanation import additivity_error
from core.explain.game import Player
from core.explain.owen import KNOWN_FUTURE, IncrementalPredictor, segment_edges, segment_feature_players, segment_names
from tests.explain.games import LOOKBACK, PLAYERS, STEPS, Net, finish, windows

EDGES = segment_edges(LOOKBACK)  # rows 0-2, 3, 4


class IncrementalNet(Net):
    """The small LSTM read segment by segment; it counts the rows that it reads."""

    def __init__(self) -> None:
        super().__init__()
        self.rows_read = 0

    @torch.no_grad()
    def read(self, x_nTF, state_nS):
        self.rows_read += x_nTF.shape[0] * x_nTF.shape[1]
        parts = () if state_nS is None else torch.from_numpy(state_nS).split(4, dim=1)
        hidden, cell = self.cell(torch.from_numpy(x_nTF).double(), tuple(p[None].clone() for p in parts) or None)[1]
        return torch.cat([hidden[0], cell[0]], dim=1).numpy()

    @torch.no_grad()
    def answer(self, state_nS, known_nHK):
        last_ND, known = torch.from_numpy(state_nS[:, :4]), torch.from_numpy(known_nHK).double()
        return (10 * self.head(torch.cat([last_ND, torch.tanh(known.flatten(1) * last_ND[:, :1])], dim=1))).numpy()

    @property
    def incremental(self) -> IncrementalPredictor:
        return IncrementalPredictor(read=self.read, answer=self.answer)


def solve(net, x_NLF, known_NHK, background, incremental=None, edge_B=EDGES):
    return finish(owen.segment_values(net.predict, x_NLF, known_NHK, *background, edge_B, incremental))


@pytest.mark.parametrize(
    ("lookback", "ends"),
    [
        (2, [2, 1]),
        (5, [5, 2, 1]),
        (10, [10, 5, 2, 1]),
        (60, [60, 20, 10, 5, 2, 1]),
        (96, [96, 50, 20, 10, 5, 2, 1]),
        (1000, [1000, 500, 200, 100, 50, 20, 10, 5]),
    ],
)
def test_segments_grow_with_age(lookback, ends):
    edge_B = segment_edges(lookback)
    assert (lookback - edge_B).tolist() == [*ends, 0]
    assert segment_names(edge_B)[0] == f"lags {ends[1] + 1}-{lookback}" or lookback == 2
    assert all(len(segment_edges(n)) <= 9 and (np.diff(segment_edges(n)) > 0).all() for n in range(2, 1001))


def test_names_count_back_from_the_cutoff():
    assert segment_names(segment_edges(10), known=1) == ("lags 6-10", "lags 3-5", "lag 2", "lag 1", KNOWN_FUTURE)


@pytest.mark.parametrize("known", [0, 1])
def test_shared_states_give_the_values_of_plain_masking(known, monkeypatch):
    net, (x_NLF, known_NHK), background = IncrementalNet(), windows(5), windows(4, seed=1)
    if not known:  # the model still reads zeros
        predict, answer = net.predict, net.answer
        zeros = lambda count: np.zeros((count, STEPS, 1), np.float32)  # noqa: E731
        net.predict = lambda x, _: predict(x, zeros(len(x)))
        net.answer = lambda state, _: answer(state, zeros(len(state)))
        known_NHK, background = known_NHK[:, :, :0], (background[0], background[1][:, :, :0])
    plain, _ = solve(net, x_NLF, known_NHK, background)
    assert plain.values_NPH.shape == (5, 3 + known, STEPS)
    for rows in (2048, 33, 1):  # several windows, parts of the backgrounds, one pair at a time
        monkeypatch.setattr(owen, "BLOCK_ROWS", rows)
        shared, events = solve(net, x_NLF, known_NHK, background, net.incremental)
        np.testing.assert_allclose(shared.values_NPH, plain.values_NPH, atol=1e-10)
        np.testing.assert_array_equal(shared.base_H, plain.base_H)
        assert additivity_error(shared.values_NPH, shared.base_H, shared.forecast_NH) < 1e-12
        assert events == [Progress(done=i + 1, total=len(events)) for i in range(len(events))]


def test_plain_masking_agrees_with_the_exact_explainer_of_shap(shap):
    net, (x_NLF, known_NHK), (back_x, back_known) = Net(), windows(2), windows(3, seed=1)
    result, _ = solve(net, x_NLF, known_NHK, (back_x, back_known))
    for n in range(2):

        def worth(on_CP, n=n):
            forecasts = []
            for on in on_CP.astype(bool):
                x, known = back_x.copy(), np.where(on[3], known_NHK[n], back_known)
                for present, (begin, end) in zip(on, itertools.pairwise(EDGES), strict=False):
                    x[:, begin:end] = x_NLF[n, begin:end] if present else back_x[:, begin:end]
                forecasts.append(net.predict(x, known).mean(axis=0))
            return np.array(forecasts)

        oracle = shap.explainers.Exact(worth, np.zeros((1, 4)))(np.ones((1, 4)))
        np.testing.assert_allclose(result.values_NPH[n], oracle.values[0], atol=1e-9)
        np.testing.assert_allclose(result.base_H, oracle.base_values.ravel()[-STEPS:], atol=1e-9)


def test_each_segment_is_read_once_per_branch():
    net, (x_NLF, known_NHK), background = IncrementalNet(), windows(3), windows(4, seed=1)
    solve(net, x_NLF, known_NHK, background, net.incremental)
    assert net.rows_read == 3 * (4 + 3) + 3 * 4 * (4 * 1 + 8 * 1)  # the first three rows once per window


@pytest.mark.parametrize("edge_B", [EDGES, np.array([0, 5])])
def test_the_features_of_a_segment_add_up_to_it(edge_B):
    net, (x_NLF, known_NHK), background = Net(), windows(3), windows(4, seed=1)
    by_segment, _ = solve(net, x_NLF, known_NHK, background, edge_B=edge_B)
    result, _ = finish(
        owen.segment_feature_values(net.predict, x_NLF, known_NHK, *background, edge_B, PLAYERS, by_segment, seed=0)
    )
    players, segment_P, feature_P = segment_feature_players(edge_B, PLAYERS, 3)
    segments = len(edge_B) - 1
    assert len(players) == 3 * segments + 1 and players[-1].name == f"day, {KNOWN_FUTURE}" and feature_P[-1] == 2
    for b in range(segments + 1):
        np.testing.assert_allclose(
            result.values_NPH[:, segment_P == b].sum(axis=1), by_segment.values_NPH[:, b], atol=1e-10
        )
    assert additivity_error(result.values_NPH, result.base_H, result.forecast_NH) < 1e-12


def owen_values(net, x_LF, known_HK, back_x, back_known, players, union_P):
    """Owen values: the mean over all orders in which unions stay adjacent."""
    count = len(players)
    values_PH, orders = np.zeros((count, STEPS)), 0
    for place in itertools.permutations(range(union_P.max() + 1)):
        parts = [itertools.permutations(np.flatnonzero(union_P == u).tolist()) for u in place]
        for order in itertools.product(*parts):
            x, known = back_x.reshape(len(back_x), -1).copy(), back_known.copy()
            before = net.predict(back_x, back_known).mean(axis=0)
            for p in itertools.chain(*order):
                x[:, list(players[p].past)] = x_LF.ravel()[list(players[p].past)]
                known[:, :, list(players[p].known)] = known_HK[:, list(players[p].known)]
                after = net.predict(x.reshape(back_x.shape), known).mean(axis=0)
                values_PH[p] += after - before
                before = after
            orders += 1
    return values_PH / orders


def test_sampled_values_converge_to_the_owen_values():
    net, (x_NLF, known_NHK), background = Net(), windows(1), windows(2, seed=1)
    edge_B, two = np.array([0, 3, 5]), (Player(name="a", past=(0, 1)), Player(name="b", past=(2,), known=(0,)))
    players, union_P, _ = segment_feature_players(edge_B, two, 3)
    true_PH = owen_values(net, x_NLF[0], known_NHK[0], *background, players, union_P)
    by_segment, _ = solve(net, x_NLF, known_NHK, background, edge_B=edge_B)
    result, _ = finish(
        owen.segment_feature_values(
            net.predict, x_NLF, known_NHK, *background, edge_B, two, by_segment, seed=0, visits=800
        )
    )
    assert np.abs(result.values_NPH[0] - true_PH).max() < 0.02 * true_PH.std()


def test_a_feature_that_the_model_ignores_gets_exactly_zero():
    net, (x_NLF, known_NHK), background = Net(), windows(2, features=4), windows(3, features=4, seed=1)
    net3 = lambda x, known: net.predict(x[:, :, :3].copy(), known)  # noqa: E731
    features = (*PLAYERS, Player(name="idle", past=(3,)))
    by_segment, _ = finish(owen.segment_values(net3, x_NLF, known_NHK, *background, EDGES))
    result, _ = finish(
        owen.segment_feature_values(net3, x_NLF, known_NHK, *background, EDGES, features, by_segment, seed=0)
    )
    _, _, feature_P = segment_feature_players(EDGES, features, 4)
    assert (
        np.abs(result.values_NPH[:, feature_P == 3]).max() < 1e-12 < np.abs(result.values_NPH[:, feature_P < 3]).min()
    )


def test_unions_stay_adjacent_in_every_order():
    union_P = np.array([0, 0, 1, 2, 2, 2])
    order_CP = shapley._antithetic(np.random.default_rng(0), 300, union_P)
    assert (np.sort(order_CP, axis=1) == np.arange(6)).all()
    changes_C = (np.diff(union_P[order_CP], axis=1) != 0).sum(axis=1)
    assert (changes_C == 2).all() and len(np.unique(order_CP, axis=0)) > 60  # of 3! · 2! · 3! = 72
    np.testing.assert_array_equal(order_CP[0], order_CP[1][::-1])


def test_lags_share_their_segment_evenly():
    values_NPH = np.array([[[6.0], [-1.0], [2.0], [9.0]]])  # the last is the player of known future values
    assert owen.by_lag(values_NPH, EDGES).tolist() == [2.0, 1.0, 2.0, 2.0, 2.0]


def test_empty_inputs_and_too_many_segments_raise_errors():
    net, two, empty = IncrementalNet(), windows(2), windows(0)
    for incremental in (None, net.incremental):
        with pytest.raises(DataError, match="got 0 to explain"):
            solve(net, *empty, two, incremental)
        with pytest.raises(DataError, match="0 to compare"):
            solve(net, *two, empty, incremental)
    long = np.zeros((1, 13, 3), np.float32), np.zeros((1, STEPS, 1), np.float32)
    for incremental in (None, net.incremental):
        with pytest.raises(SpecError, match="at most 12"):
            solve(net, *long, long, incremental, edge_B=np.arange(14))
