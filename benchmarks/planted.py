"""Explanations of series whose truth is known: python -m benchmarks.planted [--seeds 20] [--workers 1]

The target is a weighted sum of A at lags 1 to 5 and of B at lag 20, with some noise. The other features are a decoy,
whose correlation with A is 0.9, and three of noise. An LSTM learns each of 20 draws. With the default explanation:

- A and B have the two largest Shapley values in at least 19 of 20 draws;
- in every draw, more than 70 % of A's contributions lie at lags 1 to 5 and B's largest at a lag from 18 to 22 (expected
  gradients);
- in every draw, permuting the decoy between windows (permutation importance) lowers R² by less than 0.03.

It exits with 1 if a bound is broken.
"""

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
import pandas as pd

ROWS, LAG, CORRELATION = 8000, 20, 0.9
WEIGHTS = (1.0, 0.8, 0.6, 0.4, 0.2)  # of A at lags 1 to 5
WEIGHT_B, NOISE = 1.5, 0.1
FEATURES = ("a", "b", "decoy", "noise1", "noise2", "noise3")
MIN_FIRST_TWO, MIN_MASS, PEAK_LAGS, MAX_DECOY = 0.95, 0.7, (18, 22), 0.03
EXPLAINED = 100
RECIPE = {
    "data.symbols": ["PLANTED"],
    "target.kind": "column",
    "target.column": "y",
    "target.horizon": 1,
    "features": [f"column:{name}" for name in FEATURES],
    "window.lookback": 25,
    "model.kind": "lstm",
    "model.hidden": 64,
    "model.layers": 1,
    "model.dropout": 0.0,
    "model.head": "point",
    "model.norm": "none",
    "train.epochs": 80,
    "train.patience": 10,
    "train.learning_rate": 5e-3,
    "train.device": "cpu",
    "split.train": 0.7,
    "split.val": 0.1,
    "split.calib": 0.0,
    "split.test": 0.2,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One draw: R² on the test split, features by importance, the share of A's contributions at lags 1 to 5, the lag of
    B's largest contribution, the loss of R² when the decoy is permuted, the additivity error, and processor seconds."""

    r2: float
    order: tuple[str, ...]
    mass: float
    peak: int
    decoy: float
    error: float
    seconds: float


def planted(seed: int) -> pd.DataFrame:
    """The columns and the target y(t) = Σ w_k · a(t − k) + 1.5 · b(t − 20) + noise, all but y of spread one."""
    rng = np.random.default_rng(seed)
    a, shock, *rest = rng.normal(size=(6, ROWS + LAG))
    b = np.zeros_like(shock)
    for t in range(1, len(b)):
        b[t] = 0.8 * b[t - 1] + 0.6 * shock[t]  # today's value says little about the one 20 days ago
    y = sum(w * a[LAG - k : LAG - k + ROWS] for k, w in enumerate(WEIGHTS, start=1))
    y = y + WEIGHT_B * b[:ROWS] + NOISE * rng.normal(size=ROWS)
    decoy = CORRELATION * a + np.sqrt(1 - CORRELATION**2) * rest[0]
    index = pd.bdate_range("2000-01-03", periods=ROWS, name="time")
    columns = dict(zip(FEATURES, (a, b, decoy, *rest[1:]), strict=True)) | {"y": np.r_[np.zeros(LAG), y]}
    return pd.DataFrame({name: column[LAG:] for name, column in columns.items()}, index=index)


def explain_draw(seed: int) -> Result:
    """Train on one draw and explain the model."""
    from core.data import frame
    from core.datasets import windows
    from core.explain import error_importance, explainer, shapley
    from core.jobs.local import run
    from core.spec import Spec, with_values
    from core.training import trainer

    start = time.process_time()
    data = frame.build({"PLANTED": planted(seed)})
    spec = windows.resolve(with_values(Spec(), RECIPE | {"seed": seed}), data)
    prepared = windows.prepare(spec, data)
    net = run(trainer.train(spec, prepared), lambda _: None).net
    explanation = run(explainer.explain(spec, prepared, net, "permutation", None, None, EXPLAINED), lambda _: None)
    importance_F = np.abs(explanation.values_NHF).mean(axis=(0, 1))
    context, test = explainer.select_windows(spec, prepared, net, len(prepared.splits.test), 1), prepared.splits.test
    y_NH = prepared.y_scaler.invert(test.y_NH, test.symbol_N)
    spread = float(y_NH.var())

    def loss(x_NLF: np.ndarray, known_NHK: np.ndarray) -> float:
        return float(np.square(context.predict(x_NLF, known_NHK) - y_NH).mean() / spread)

    players = tuple(shapley.Player(name=name, past=(f,)) for f, name in enumerate(FEATURES))
    rise_P = run(
        error_importance.permutation_importance(loss, test.x_NLF, test.known_NHK, players, seed), lambda _: None
    )
    model_loss = loss(test.x_NLF, test.known_NHK)
    attribution_LF = explanation.by_cell_LF
    assert attribution_LF is not None
    return Result(
        r2=1 - model_loss,
        order=tuple(FEATURES[f] for f in np.argsort(-importance_F)),
        mass=float(attribution_LF[:5, 0].sum() / attribution_LF[:, 0].sum()),
        peak=int(np.argmax(attribution_LF[:, 1])) + 1,
        decoy=float(rise_P[2] * model_loss),
        error=explanation.additivity_error,
        seconds=time.process_time() - start,
    )


def main() -> int:
    """Measure and print; 1 if a bound is broken, else 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--workers", type=int, default=max(1, (os.cpu_count() or 2) - 1))
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"  # inherited by the workers: one thread each
    results = []
    with ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")) as pool:
        for seed, result in enumerate(pool.map(explain_draw, range(options.seeds))):
            results.append(result)
            print(
                f"draw {seed:2d}: R² {result.r2:.3f}  order {' '.join(result.order)}  A at lags 1-5 {result.mass:.0%}  "
                f"B's peak at lag {result.peak}  decoy {result.decoy:.4f}  additivity {result.error:.0e}  "
                f"{result.seconds:.0f} s",
                flush=True,
            )
    return int(not report(results))


def report(results: list[Result]) -> bool:
    """Print the summary; True if every bound is kept."""
    count, masses = len(results), [result.mass for result in results]
    first_two = sum(set(result.order[:2]) == {"a", "b"} for result in results)
    peaks = sum(PEAK_LAGS[0] <= result.peak <= PEAK_LAGS[1] for result in results)
    decoy = max(result.decoy for result in results)
    print(
        f"A and B first in {first_two} of {count} · A's contributions at lags 1-5: {np.mean(masses):.0%} on average, "
        f"at least {min(masses):.0%} · B's peak within lags 18-22 in {peaks} of {count} · permuting the decoy lowers "
        f"R² by at most {decoy:.4f}"
    )
    return first_two >= MIN_FIRST_TWO * count and min(masses) > MIN_MASS and peaks == count and decoy < MAX_DECOY


if __name__ == "__main__":
    sys.exit(main())
