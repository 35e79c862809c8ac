"""Stretches of the window as players: shared states against plain ones, shap's exact explainer, cells that add up."""

import itertools

import numpy as np
import pytest
import torch

from core.errors import DataError, SpecError
from core.events import Progress
from core.explain import owen as blocks
from core.explain import shapley
from core.explain.explanation import additivity_error
from core.explain.owen import AHEAD, Reader, cell_players, edges, names
from core.explain.shapley import Player
from tests.explain.games import LOOKBACK, PLAYERS, STEPS, Net, finish, windows

EDGES = edges(LOOKBACK)  # rows 0-2, 3, 4


class Pieces(Net):
    """The small LSTM, which counts the rows that it steps through piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self.stepped = 0

    @torch.no_grad()
    def read(self, x_nTF, state_nS):
        self.stepped += x_nTF.shape[0] * x_nTF.shape[1]
        parts = () if state_nS is None else torch.from_numpy(state_nS).split(4, dim=1)
        hidden, carried = self.cell(torch.from_numpy(x_nTF).double(), tuple(p[None].clone() for p in parts) or None)[1]
        return torch.cat([hidden[0], carried[0]], dim=1).numpy()

    @torch.no_grad()
    def answer(self, state_nS, known_nHK):
        last_ND, known = torch.from_numpy(state_nS[:, :4]), torch.from_numpy(known_nHK).double()
        return (10 * self.head(torch.cat([last_ND, torch.tanh(known.flatten(1) * last_ND[:, :1])], dim=1))).numpy()

    @property
    def reader(self) -> Reader:
        return Reader(read=self.read, answer=self.answer)


def solve(net, x_NLF, known_NHK, background, reader=None, edge_B=EDGES):
    return finish(blocks.blocks(net.predict, x_NLF, known_NHK, *background, edge_B, reader))


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
def test_stretches_grow_with_their_age(lookback, ends):
    edge_B = edges(lookback)
    assert (lookback - edge_B).tolist() == [*ends, 0]
    assert names(edge_B)[0] == f"lags {ends[1] + 1}-{lookback}" or lookback == 2
    assert all(len(edges(n)) <= 9 and (np.diff(edges(n)) > 0).all() for n in range(2, 1001))


def test_names_count_back_from_the_cutoff():
    assert names(edges(10), known=1) == ("lags 6-10", "lags 3-5", "lag 2", "lag 1", AHEAD)


@pytest.mark.parametrize("known", [0, 1])
def test_shared_states_give_the_values_of_plain_stretches(known, monkeypatch):
    net, (x_NLF, known_NHK), background = Pieces(), windows(5), windows(4, seed=1)
    if not known:  # the model still reads zeros
        predict, answer = net.predict, net.answer
        zeros = lambda count: np.zeros((count, STEPS, 1), np.float32)  # noqa: E731
        net.predict = lambda x, _: predict(x, zeros(len(x)))
        net.answer = lambda state, _: answer(state, zeros(len(state)))
        known_NHK, background = known_NHK[:, :, :0], (background[0], background[1][:, :, :0])
    plain, _ = solve(net, x_NLF, known_NHK, background)
    assert plain.values_NPH.shape == (5, 3 + known, STEPS)
    for rows in (2048, 33, 1):  # windows together, backgrounds in parts, one pair at a time
        monkeypatch.setattr(blocks, "BLOCK_ROWS", rows)
        shared, events = solve(net, x_NLF, known_NHK, background, net.reader)
        np.testing.assert_allclose(shared.values_NPH, plain.values_NPH, atol=1e-10)
        np.testing.assert_array_equal(shared.base_H, plain.base_H)
        assert additivity_error(shared.values_NPH, shared.base_H, shared.forecast_NH) < 1e-12
        assert events == [Progress(done=i + 1, total=len(events)) for i in range(len(events))]


def test_plain_stretches_agree_with_the_exact_explainer_of_shap(shap):
    net, (x_NLF, known_NHK), (back_x, back_known) = Net(), windows(2), windows(3, seed=1)
    got, _ = solve(net, x_NLF, known_NHK, (back_x, back_known))
    for n in range(2):

        def worth(on_CP, n=n):
            made = []
            for on in on_CP.astype(bool):
                x, known = back_x.copy(), np.where(on[3], known_NHK[n], back_known)
                for kept, (begin, end) in zip(on, itertools.pairwise(EDGES), strict=False):
                    x[:, begin:end] = x_NLF[n, begin:end] if kept else back_x[:, begin:end]
                made.append(net.predict(x, known).mean(axis=0))
            return np.array(made)

        oracle = shap.explainers.Exact(worth, np.zeros((1, 4)))(np.ones((1, 4)))
        np.testing.assert_allclose(got.values_NPH[n], oracle.values[0], atol=1e-9)
        np.testing.assert_allclose(got.base_H, oracle.base_values.ravel()[-STEPS:], atol=1e-9)


def test_each_stretch_is_stepped_once_a_branch():
    net, (x_NLF, known_NHK), background = Pieces(), windows(3), windows(4, seed=1)
    solve(net, x_NLF, known_NHK, background, net.reader)
    assert net.stepped == 3 * (4 + 3) + 3 * 4 * (4 * 1 + 8 * 1)  # the first three rows once for each window


@pytest.mark.parametrize("edge_B", [EDGES, np.array([0, 5])])
def test_the_cells_of_a_stretch_add_up_to_it(edge_B):
    net, (x_NLF, known_NHK), background = Net(), windows(3), windows(4, seed=1)
    whole, _ = solve(net, x_NLF, known_NHK, background, edge_B=edge_B)
    made, _ = finish(blocks.cells(net.predict, x_NLF, known_NHK, *background, edge_B, PLAYERS, whole, seed=0))
    players, block_P, feature_P = cell_players(edge_B, PLAYERS, 3)
    stretches = len(edge_B) - 1
    assert len(players) == 3 * stretches + 1 and players[-1].name == f"day, {AHEAD}" and feature_P[-1] == 2
    for b in range(stretches + 1):
        np.testing.assert_allclose(made.values_NPH[:, block_P == b].sum(axis=1), whole.values_NPH[:, b], atol=1e-10)
    assert additivity_error(made.values_NPH, made.base_H, made.forecast_NH) < 1e-12


def owen(net, x_LF, known_HK, back_x, back_known, players, union_P):
    """The mean over all orders in which unions stay together."""
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


def test_cells_come_to_the_owen_values():
    net, (x_NLF, known_NHK), background = Net(), windows(1), windows(2, seed=1)
    edge_B, two = np.array([0, 3, 5]), (Player(name="a", past=(0, 1)), Player(name="b", past=(2,), known=(0,)))
    players, union_P, _ = cell_players(edge_B, two, 3)
    true_PH = owen(net, x_NLF[0], known_NHK[0], *background, players, union_P)
    whole, _ = solve(net, x_NLF, known_NHK, background, edge_B=edge_B)
    made, _ = finish(blocks.cells(net.predict, x_NLF, known_NHK, *background, edge_B, two, whole, seed=0, visits=800))
    assert np.abs(made.values_NPH[0] - true_PH).max() < 0.02 * true_PH.std()


def test_a_cell_that_the_model_ignores_gets_exactly_nothing():
    net, (x_NLF, known_NHK), background = Net(), windows(2, features=4), windows(3, features=4, seed=1)
    net3 = lambda x, known: net.predict(x[:, :, :3].copy(), known)  # noqa: E731
    features = (*PLAYERS, Player(name="idle", past=(3,)))
    whole, _ = finish(blocks.blocks(net3, x_NLF, known_NHK, *background, EDGES))
    made, _ = finish(blocks.cells(net3, x_NLF, known_NHK, *background, EDGES, features, whole, seed=0))
    _, _, feature_P = cell_players(EDGES, features, 4)
    assert np.abs(made.values_NPH[:, feature_P == 3]).max() < 1e-12 < np.abs(made.values_NPH[:, feature_P < 3]).min()


def test_unions_stand_together_in_every_order():
    union_P = np.array([0, 0, 1, 2, 2, 2])
    order_CP = shapley._antithetic(np.random.default_rng(0), 300, union_P)
    assert (np.sort(order_CP, axis=1) == np.arange(6)).all()
    changes_C = (np.diff(union_P[order_CP], axis=1) != 0).sum(axis=1)
    assert (changes_C == 2).all() and len(np.unique(order_CP, axis=0)) > 60  # of 3! · 2! · 3! = 72
    np.testing.assert_array_equal(order_CP[0], order_CP[1][::-1])


def test_lags_share_their_stretch_evenly():
    values_NPH = np.array([[[6.0], [-1.0], [2.0], [9.0]]])  # the last is what is known ahead
    assert blocks.by_lag(values_NPH, EDGES).tolist() == [2.0, 1.0, 2.0, 2.0, 2.0]


def test_what_cannot_be_explained_says_why():
    net, some, none = Pieces(), windows(2), windows(0)
    for reader in (None, net.reader):
        with pytest.raises(DataError, match="got 0 to explain"):
            solve(net, *none, some, reader)
        with pytest.raises(DataError, match="0 to compare"):
            solve(net, *some, none, reader)
    long = np.zeros((1, 13, 3), np.float32), np.zeros((1, STEPS, 1), np.float32)
    for reader in (None, net.reader):
        with pytest.raises(SpecError, match="at most 12"):
            solve(net, *long, long, reader, edge_B=np.arange(14))
