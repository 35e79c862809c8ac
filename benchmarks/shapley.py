"""Time and accuracy of explanations: python -m benchmarks.shapley [--peer] [--gradients] [--reference] [--blocks]

200 windows of 60 × 12 through a 2 × 64 LSTM on one thread, compared with the shap package. The methods take turns, and
the median of their seconds counts.

Axis letters: N windows, L lookback, F features, K backgrounds, H steps, B time segments.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from torch import Tensor, nn

from core.explain.explainer import BACKGROUNDS
from core.explain.explanation import additivity_error, sample_backgrounds
from core.explain.gradients import by_player, expected_gradients
from core.explain.owen import IncrementalPredictor, segment_edges, segment_values
from core.explain.shapley import Player, permutation
from core.jobs.local import run
from core.models import inference, registry
from core.models.network import Network
from core.spec import Spec, with_values
from core.types import Floats, Ints

LOOKBACK, FEATURES, TRAIN = 60, 12, 2000
REFERENCE = 100  # backgrounds of the reference
SEGMENT_WINDOWS = 20  # with time segments; without shared states each takes 2^B forecasts
PLAYERS = tuple(Player(name=f"f{i}", past=(i,)) for i in range(FEATURES))


class Net(nn.Module):
    """Two LSTM layers of 64 and a linear head on the last state: (N, L, F) to (N, 1)."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTM(FEATURES, 64, 2, batch_first=True)
        self.head = nn.Linear(64, 1)

    def forward(self, x_NLF: Tensor) -> Tensor:
        return self.head(self.cell(x_NLF)[0][:, -1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One method's contributions (N, F), its seconds and its additivity error in standard deviations of f."""

    name: str
    seconds: float
    error: float
    values_NF: Floats


def series(rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Windows (N, L, F) over autocorrelated, mutually correlated features and a target (N, 1) with interactions."""
    noise_TF = rng.normal(size=(TRAIN + LOOKBACK, FEATURES)) + 0.7 * rng.normal(size=(TRAIN + LOOKBACK, 1))
    rows_TF = np.empty_like(noise_TF)
    rows_TF[0] = noise_TF[0]
    for t in range(1, len(rows_TF)):
        rows_TF[t] = 0.8 * rows_TF[t - 1] + 0.6 * noise_TF[t]
    view_NLF = np.lib.stride_tricks.sliding_window_view(rows_TF, LOOKBACK, axis=0).transpose(0, 2, 1)
    x_NLF = np.ascontiguousarray(view_NLF, dtype=np.float32)
    recent_NF = x_NLF[:, -5:].mean(axis=1)
    y_N = recent_NF[:, 0] + recent_NF[:, 1] * np.tanh(recent_NF[:, 2]) + np.abs(x_NLF[:, -20, 3])
    return x_NLF, y_N[:, None]


def train(x_NLF: Floats, y_N1: Floats, steps: int = 150) -> Net:
    """A network trained for a few steps, in evaluation mode."""
    torch.manual_seed(0)
    net, x, y = Net(), torch.from_numpy(x_NLF), torch.from_numpy(y_N1)
    optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3)
    for _ in range(steps):
        batch = torch.randint(len(x), (64,))
        optimizer.zero_grad()
        nn.functional.mse_loss(net(x[batch]), y[batch]).backward()
        optimizer.step()
    return net.eval()


def predictor(net: Net) -> Callable[[Floats, Floats], Floats]:
    """The network as a function of arrays; it has no known future inputs."""

    @torch.no_grad()
    def predict(x_NLF: Floats, known_NHK: Floats) -> Floats:
        return torch.cat([net(batch) for batch in torch.from_numpy(x_NLF).split(512)]).numpy()

    return predict


def differentiator(net: Net) -> Callable[[Floats, Floats], tuple[Floats, Floats]]:
    """The network's gradient as a function of arrays."""

    def gradient(x_NLF: Floats, known_NHK: Floats) -> tuple[Floats, Floats]:
        x = torch.from_numpy(x_NLF).requires_grad_()
        return torch.autograd.grad(net(x).sum(), x)[0].numpy(), np.zeros(known_NHK.shape)

    return gradient


def finish(job: Generator[Any, Any, Any]) -> Any:
    """The value that the generator returns."""
    return run(job, lambda event: None)


def run_permutation(
    net: Net, x_NLF: Floats, background_KLF: Floats, name: str, seed: int = 0, visits: int = 1
) -> Result:
    """Permutation Shapley values of the product."""
    start = time.perf_counter()
    result = finish(
        permutation(
            predictor(net), x_NLF, no_known(x_NLF), background_KLF, no_known(background_KLF), PLAYERS, seed, visits
        )
    )
    seconds = time.perf_counter() - start
    error = additivity_error(result.values_NPH, result.base_H, result.forecast_NH)
    return Result(name=name, seconds=seconds, error=error, values_NF=result.values_NPH[:, :, 0])


def run_gradients(net: Net, x_NLF: Floats, background_KLF: Floats) -> Result:
    """Expected gradients of the product."""
    start = time.perf_counter()
    result = finish(
        expected_gradients(
            differentiator(net), predictor(net), x_NLF, no_known(x_NLF), background_KLF, no_known(background_KLF)
        )
    )
    return Result(
        name=f"expected gradients, {BACKGROUNDS} backgrounds × 3",
        seconds=time.perf_counter() - start,
        error=result.additivity_error,
        values_NF=by_player(result, PLAYERS),
    )


def run_peer(net: Net, x_NLF: Floats, background_KLF: Floats) -> Result:
    """Expected gradients of the shap package."""
    import shap

    start = time.perf_counter()
    explainer = shap.GradientExplainer(net, torch.from_numpy(background_KLF))
    attribution_NLF = np.asarray(explainer.shap_values(torch.from_numpy(x_NLF), nsamples=200)).reshape(x_NLF.shape)
    seconds = time.perf_counter() - start
    values_NF, predict = attribution_NLF.sum(axis=1), predictor(net)
    base_1 = predict(background_KLF, no_known(background_KLF)).mean(axis=0)
    error = additivity_error(values_NF[:, :, None], base_1, predict(x_NLF, no_known(x_NLF)))
    return Result(name="shap.GradientExplainer, 200 samples", seconds=seconds, error=error, values_NF=values_NF)


def no_known(x_NLF: Floats) -> Floats:
    """Known future inputs of windows that have none: (N, 1, 0)."""
    return np.zeros((len(x_NLF), 1, 0), dtype=np.float32)


# --- time segments ---------------------------------------------------------------------------------------------------


def product(net: Net) -> Network:
    """The product's network with the weights of `net`."""
    spec = with_values(Spec(), {"model.hidden": 64, "model.layers": 2, "model.head": "point"})
    network = registry.build(spec, features=FEATURES, known=0, steps=1, binary=False, seed=0)
    network.encoder.cell.load_state_dict(net.cell.state_dict())  # type: ignore[union-attr]
    network.head.load_state_dict(net.head.state_dict())
    return network.eval()


def run_segments(net: Network, x_NLF: Floats, background_KLF: Floats, edge_B: Ints, shared: bool) -> Result:
    """Exact Shapley values of time segments, with or without shared states."""

    def predict(x_nLF: Floats, known_nHK: Floats) -> Floats:
        return inference.compute_outputs(net, x_nLF, known_nHK)[:, :, 0]

    reader = IncrementalPredictor(
        read=partial(inference.encode_rows, net),
        answer=lambda state, known: inference.decode_state(net, state, known)[:, :, 0],
    )
    start = time.perf_counter()
    result = finish(
        segment_values(
            predict,
            x_NLF,
            no_known(x_NLF),
            background_KLF,
            no_known(background_KLF),
            edge_B,
            reader if shared else None,
        )
    )
    seconds = time.perf_counter() - start
    return Result(
        name=f"{len(edge_B) - 1} time segments, " + ("shared states" if shared else "plain"),
        seconds=seconds,
        error=additivity_error(result.values_NPH, result.base_H, result.forecast_NH),
        values_NF=result.values_NPH[:, :, 0],
    )


def compare_segments(net: Net, x_NLF: Floats, background_KLF: Floats, rounds: int) -> None:
    """Print the seconds with and without shared states, and how far the values differ."""
    network = product(net)
    print(f"\ntime segments of {len(x_NLF)} windows, {BACKGROUNDS} backgrounds, all coalitions")
    equal_B = np.arange(9) * LOOKBACK // 8
    for edge_B, title in ((segment_edges(LOOKBACK), "as the product cuts them"), (equal_B, "equally long")):
        shared, plain = alternate(
            [partial(run_segments, network, x_NLF, background_KLF, edge_B, share) for share in (True, False)], rounds
        )
        difference = np.abs(shared.values_NF - plain.values_NF).max() / plain.values_NF.sum(axis=1).std()
        print(
            f"{len(edge_B) - 1} {title}: shared {shared.seconds:.2f} s, plain {plain.seconds:.2f} s, ratio "
            f"{plain.seconds / shared.seconds:.1f}; difference {difference:.1e} std f, additivity {shared.error:.1e}"
        )


# --- comparison ------------------------------------------------------------------------------------------------------


def alternate(methods: Sequence[Callable[[], Result]], rounds: int) -> list[Result]:
    """Run the methods in turns; each method's first values and the median of its seconds."""
    medians = []
    results_by_round = [[method() for method in methods] for _ in range(rounds)]
    for results in zip(*results_by_round, strict=True):
        print(f"  {results[0].name}: " + ", ".join(f"{result.seconds:.2f}" for result in results) + " s")
        medians.append(replace(results[0], seconds=statistics.median(result.seconds for result in results)))
    return medians


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--windows", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--gradients", action="store_true", help="also expected gradients of the product")
    parser.add_argument("--peer", action="store_true", help="also shap.GradientExplainer (half a minute a round)")
    parser.add_argument("--reference", action="store_true", help="correlation with 100 backgrounds (a minute)")
    parser.add_argument("--blocks", action="store_true", help="also time segments (half a minute a round)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    x_all_NLF, y_N1 = series(np.random.default_rng(0))
    cut = TRAIN - options.windows
    net, x_NLF = train(x_all_NLF[:cut], y_N1[:cut].astype(np.float32)), x_all_NLF[cut:TRAIN]
    background_KLF = x_all_NLF[sample_backgrounds(cut, BACKGROUNDS)]
    methods = [partial(run_permutation, net, x_NLF, background_KLF, f"permutation Shapley, {BACKGROUNDS} backgrounds")]
    methods += [partial(run_gradients, net, x_NLF, background_KLF)] if options.gradients else []
    methods += [partial(run_peer, net, x_NLF, background_KLF)] if options.peer else []
    results, reference = alternate(methods, options.rounds), None
    if options.reference:
        reference = run_permutation(
            net,
            x_NLF,
            x_all_NLF[sample_backgrounds(cut, REFERENCE, seed=1)],
            f"reference, {REFERENCE} backgrounds",
            seed=1,
            visits=2,
        )
        results.append(reference)
    report(results, reference)
    if options.blocks:
        compare_segments(net, x_NLF[:SEGMENT_WINDOWS], background_KLF, options.rounds)


def report(results: list[Result], reference: Result | None) -> None:
    """Print seconds, their ratio to the first method, additivity error, and the correlation with the reference."""
    print(f"{'method':42}{'seconds':>9}{'ratio':>8}{'additivity error / std f':>26}{'correlation':>13}")
    for result in results:
        ratio, correlation = result.seconds / results[0].seconds, "–"
        if reference is not None and result is not reference:
            correlation = f"{np.corrcoef(result.values_NF.ravel(), reference.values_NF.ravel())[0, 1]:.4f}"
        print(f"{result.name:42}{result.seconds:9.1f}{ratio:8.2f}{result.error:26.1e}{correlation:>13}")


if __name__ == "__main__":
    main()
