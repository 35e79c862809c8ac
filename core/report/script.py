"""The Python file that trains a run again through the public API and compares the numbers, digit for digit.

Whatever comes from a run stands in the file as a literal that `repr` wrote, so that no name of a person's file becomes
code.
"""

import json
import pprint
from typing import Any

from core.data.sources.registry import SOURCES
from core.spec import paths, to_dict
from core.storage.serialize import to_json
from core.types import Run

METHOD = "permutation"  # by which every training explains its run
TEMPLATE = '''"""Trains a Lookback run again and compares its numbers with those of the run, digit for digit.

Run it where `import core` finds Lookback, for example from its folder:

    PYTHONPATH=. python FILE.py{argument}

It ends with exit code 0 if every number is the same, else with 1. Equal recipes and data give equal numbers with the
same versions of Python's packages on the same kind of machine; see VERSIONS.
"""

import hashlib
import io
import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

import core as lb

RUN = {run_id}
VERSIONS = {environment}
DATA_DIGEST = {digest}  # of the series that the run was trained on
DATA_FILE = {data_file}  # next to this file, unless another one is named; None: the series comes with Lookback
SAMPLES = {samples}
COLUMNS = {columns}
SETTINGS = {settings}
EXPECTED = {expected}


def main() -> int:
    path = Path(sys.argv[1]) if sys.argv[1:] else DATA_FILE and Path(__file__).with_name(DATA_FILE)
    frame = read(path) if path else lb.load_sample(*SAMPLES, start=SETTINGS["data.start"], end=SETTINGS["data.end"])
    if (found := digest(frame)) != DATA_DIGEST:
        sys.exit(f"The data differ from those of run {{RUN}}: their digest is {{found}}, not {{DATA_DIGEST}}. "
                 "Name the data.parquet or the zip archive of that run as the argument.")
    run = lb.fit(frame, settings=SETTINGS)
    print(run.scores.to_string())
    print(run.verdict.text)
    differences = list(compare(EXPECTED, numbers(run), ""))
    for line in differences[:20]:
        print(line)
    if differences:
        print(f"{{len(differences)}} numbers differ. The run: {{VERSIONS}}; here: {{run.record.environment}}.")
        return 1
    print(f"Every number is that of run {{RUN}}.")
    return 0


def read(path: Path) -> pd.DataFrame:
    """The series of the run from its data.parquet, or from the zip archive of the run."""
    if not path.is_file():
        sys.exit(f"There is no file {{path}}. Name the data.parquet or the zip archive of run {{RUN}} as the argument.")
    content = path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.rpartition("/")[2] == "data.parquet"]
            content = archive.read(names[0]) if names else b""
    try:
        frame = pd.read_parquet(io.BytesIO(content)).set_index("time")
        frame.columns = pd.MultiIndex.from_tuples(COLUMNS, names=["symbol", "column"])
    except (ValueError, KeyError, OSError) as error:
        sys.exit(f"{{path}} does not hold the series of run {{RUN}} ({{error}}).")
    return frame


def digest(frame: pd.DataFrame) -> str:
    """16 hex digits over times, names and values."""
    sha = hashlib.sha256(json.dumps([list(name) for name in frame.columns]).encode())
    sha.update(frame.index.as_unit("ns").asi8.astype("<i8").tobytes())
    for position in range(frame.shape[1]):
        values = frame.iloc[:, position].to_numpy(dtype="<f8", copy=True) + 0.0
        values[np.isnan(values)] = np.nan
        sha.update(values.tobytes())
    return sha.hexdigest()[:16]


def numbers(run: lb.FittedRun) -> dict:
    """Scores, verdict, intervals, importances and the latest forecast of a run; NaN as None."""
    live = run.forecast[run.forecast["part"] == "live"]
    verdict, bands = run.verdict, run.record.evaluation.bands
    values = {{
        "scores": run.scores.T.to_dict(),
        "verdict": {{"skill": verdict.skill, "p_value": verdict.p_value, "reference": verdict.reference}},
        "intervals": {{name: bands[name] for name in ("coverage", "width", "winkler") if name in bands}},
        "importance": run.importance.to_dict(),
        "forecast": live[["yhat", "lo", "hi"]].to_numpy().tolist(),
    }}
    return plain({{name: values[name] for name in EXPECTED}})


def plain(value):
    if isinstance(value, dict):
        return {{name: plain(entry) for name, entry in value.items()}}
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    return value if isinstance(value, str) or np.isfinite(value) else None


def compare(before, after, place):
    """A line for each number that is not exactly the same."""
    if isinstance(before, dict) and isinstance(after, dict) and before.keys() == after.keys():
        for name in before:
            yield from compare(before[name], after[name], f"{{place}} {{name}}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (old, new) in enumerate(zip(before, after)):
            yield from compare(old, new, f"{{place}} {{number}}")
    elif before != after:
        yield f"{{place.strip()}}: {{before!r}} in the run, {{after!r}} here"


if __name__ == "__main__":
    sys.exit(main())
'''


def write(run: Run, data_file: str | None = None) -> str:
    """The source of the script. `data_file` is the name of the file next to it that holds the series of the run, its
    data.parquet or its archive; by default RUN.zip. Bundled series need none."""
    bundled = comes_with_lookback(run)
    data = None if bundled else data_file or f"run-{run.id}.zip"
    return TEMPLATE.format(
        argument="" if bundled else " [DATA]",
        run_id=repr(run.id),
        environment=_literal(to_json(run.environment)),
        digest=repr(run.data_digest),
        data_file=repr(data),
        samples=repr(list(run.spec.data.symbols)),
        columns=_literal([tuple(map(str, column)) for column in run.frame.columns]),
        settings=_literal(settings_of(run)),
        expected=_literal(numbers_of(run)),
    )


def comes_with_lookback(run: Run) -> bool:
    """Whether the series of a run can be loaded from the installed packages, so that it needs no file of its own."""
    return SOURCES[run.spec.data.source].bundled and not run.spec.data.join


def settings_of(run: Run) -> dict[str, Any]:
    """Every entry of the recipe by its dotted path, as `core.fit` takes them."""
    values = to_dict(run.spec)
    settings = {}
    for path in paths():
        at: Any = values
        for name in path.split("."):
            at = at[name]
        settings[path] = at
    return settings


def numbers_of(run: Run) -> dict[str, Any]:
    """What the script compares: scores, verdict, intervals, the latest forecast and, unless the run was explained by
    another method since, importances; NaN as None."""
    evaluation = run.evaluation
    live = run.forecast.loc[run.forecast["part"] == "live", ["yhat", "lo", "hi"]]
    numbers = {
        "scores": _table(evaluation.scores),
        "verdict": {name: getattr(evaluation.verdict, name) for name in ("skill", "p_value", "reference")},
        "intervals": {
            name: evaluation.bands[name] for name in ("coverage", "width", "winkler") if name in evaluation.bands
        },
        "forecast": live.to_numpy().tolist(),
    }
    if run.explanation is not None and run.explanation.method == METHOD:
        numbers["importance"] = run.explanation.importance
    return json.loads(json.dumps(to_json(numbers)))


def _table(scores: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """The scores with an entry of every model for every score, as the table of `FittedRun.scores` has them."""
    names = dict.fromkeys(name for entry in scores.values() for name in entry)
    return {model: {name: entry.get(name, float("nan")) for name in names} for model, entry in scores.items()}


def _literal(value: Any) -> str:
    """The value as Python source; what `repr` writes of strings and numbers is read back as it was."""
    return pprint.pformat(value, width=110, sort_dicts=False)
