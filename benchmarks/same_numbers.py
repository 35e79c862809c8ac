"""Whether two versions of the code give the same numbers: python -m benchmarks.same_numbers REVISION

Runs the same commands in a checkout of REVISION and in this one, on this machine, and compares the JSON key for key and
digit for digit. Only clocks and names of runs may differ; of sentences the numbers are compared. An entry that this
version has and REVISION has not is listed and allowed. Exits with 1 at the first difference. `--all` takes more recipes
than the demo's.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
FREE = {"run_id", "spec_id", "seconds"}  # clocks, names of runs, and the digest of a recipe's own words
NUMBER = re.compile(r"\d*\.?\d+")
# Entries of a recipe, and words in JSON, that had another name once.
RENAMED = {
    "between": "norm_layer",
    "tied": "scale_learning_rate",
    "override": "allow_lookahead",
    "known": "known_future",
    "shortest": "min_length",
}

DEMO: tuple[str, ...] = ()
SMALL = ("window.lookback=20", "model.hidden=8", "train.epochs=4")
RECIPES: dict[str, tuple[str, ...]] = {
    "demo": DEMO,
    "level": (*SMALL, "target.kind=close", "target.horizon=3", "model.norm=reversible", "features=column:close"),
    "log level": (*SMALL, "target.kind=close", "target.horizon=1", "window.log=true", "bands.method=garch"),
    "return": (*SMALL, "target.kind=log_return", "target.horizon=2", "baselines.slow=true", "bands.joint=true"),
    "direction": (*SMALL, "target.kind=direction", "target.horizon=1", "target.dead_zone=0.002"),
    "drawdown": (
        *SMALL,
        "target.kind=max_drawdown",
        "target.horizon=5",
        "model.head=gaussian",
        "bands.method=gaussian",
    ),
    "mean level": (*SMALL, "target.kind=mean_close", "target.horizon=5", "model.head=point", "train.loss=huber"),
    "ensemble": (*SMALL, "train.ensemble=3", "data.symbols=IBM,AAPL", "model.symbols=embedded"),
    "separate": (*SMALL, "data.symbols=IBM,AAPL", "model.symbols=separate", "window.shortest=10"),
    "gru": (*SMALL, "model.kind=gru", "model.between=layer", "model.pooling=attention", "model.layers=2"),
    "transformer": (*SMALL, "model.kind=transformer", "train.schedule=cosine", "train.warmup=1"),
    "segment": (*SMALL, "model.kind=segment", "model.segment=5", "target.kind=close", "target.horizon=10"),
    "dlinear": (*SMALL, "model.kind=dlinear", "window.scaling=robust", "window.outliers=winsorize"),
    "nlinear": (*SMALL, "model.kind=nlinear", "target.kind=close", "train.optimizer=sgd", "train.tied=true"),
    "leak": (*SMALL, "target.kind=log_return", "target.horizon=1", "features=return,dpo_centred:20", "override=true"),
    "file": (*SMALL, "target.kind=column", "target.column=sales", "target.horizon=4", "data.known=promotion"),
}


def main() -> None:
    """Run every command in both checkouts and compare what they print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("revision")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--only", nargs="+", choices=RECIPES, default=[])
    options = parser.parse_args()
    names = options.only or (RECIPES if options.all else ("demo",))
    with tempfile.TemporaryDirectory() as folder:
        before = Path(folder) / "before"
        subprocess.run(
            ["git", "worktree", "add", "--detach", "--quiet", str(before), options.revision], cwd=ROOT, check=True
        )
        try:
            found = [line for name in names for line in compare(name, before, Path(folder))]
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(before)], cwd=ROOT, check=True)
    print(*found, sep="\n")
    print(f"{len(names)} recipes, {len(found)} differences")
    sys.exit(1 if found else 0)


def compare(name: str, before: Path, folder: Path) -> list[str]:
    """The differences of run, explain, predict, spec and backtest of one recipe."""
    given = ["--set", *RECIPES[name]] if RECIPES[name] else []
    if name == "file":
        given += ["--data", str(sales(folder / "sales.csv"))]
    found = []
    for command in ("spec", "run", "predict", "explain", "walk"):
        if command == "walk" and name not in ("demo", "direction"):
            continue
        extra = ["--folds", "2"] if command == "walk" else []
        old, new = (
            answer(root, command, given, folder / f"runs-{where}", extra)
            for root, where in ((before, f"old-{name}"), (ROOT, f"new-{name}"))
        )
        lines = [f"{name}: {command}: {line}" for line in differences(old, new)]
        failed = f" (both fail: {old['error']})" if "error" in old and not lines else ""
        print(f"{name}: {command}: {len(lines) or 'no'} differences{failed}", flush=True)
        found += lines
    return found


def answer(root: Path, command: str, given: list[str], runs: Path, extra: list[str]) -> Any:
    """What a command prints as JSON in the checkout `root`."""
    words = (
        [next(path.name for path in runs.iterdir() if not path.name.startswith("."))]
        if command in ("explain", "predict")
        else [*given, *extra]
    )
    done = subprocess.run(
        [sys.executable, "-m", "core", command, *words, "--runs", str(runs), "--json"],
        cwd=root,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        return {"error": done.stderr.strip().splitlines()[-1]}
    return json.loads(done.stdout)


def differences(old: Any, new: Any, path: str = "", rel: float = 0.0) -> Iterator[str]:
    """Where `new` does not say what `old` says; numbers may differ by the share `rel`."""
    if isinstance(old, dict) and isinstance(new, dict):
        old = {RENAMED.get(key, key) if key not in new else key: value for key, value in old.items()}
        for key in old:
            if key in FREE:
                continue
            if key not in new:
                yield f"{path}.{key} is missing"
            else:
                yield from differences(old[key], new[key], f"{path}.{key}", rel)
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            yield f"{path} has {len(new)} entries instead of {len(old)}"
        for k, (one, other) in enumerate(zip(old, new, strict=False)):
            yield from differences(one, other, f"{path}[{k}]", rel)
    elif isinstance(old, str) and isinstance(new, str):
        sentence = " " in old and " " in new
        if old != new and not (sentence and (rel or NUMBER.findall(old) == NUMBER.findall(new))):
            yield f"{path}: {old!r} became {new!r}"
    elif isinstance(old, float) and isinstance(new, float | int):
        if not np.isclose(old, new, rtol=rel, atol=rel / 10, equal_nan=True):
            yield f"{path}: {old!r} became {new!r}"
    elif old != new:
        yield f"{path}: {old!r} became {new!r}"


def sales(path: Path) -> Path:
    """Two years of weekly seasonal sales with a promotion that is known ahead, written to `path`."""
    rng, days = np.random.default_rng(0), pd.date_range("2020-01-01", periods=740)
    promotion = (rng.random(740) < 0.1).astype(int)
    values = 100 + 10 * np.sin(2 * np.pi * np.arange(740) / 7) + 25 * promotion + rng.normal(0, 3, 740)
    values[-4:] = np.nan
    pd.DataFrame({"date": days, "sales": values.round(2), "promotion": promotion}).to_csv(path, index=False)
    return path


if __name__ == "__main__":
    main()
