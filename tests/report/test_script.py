"""The script of a run trains it again in a fresh process, to the last digit, and refuses other data."""

import ast
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import core as lb
from core.data import frame as frames
from core.report import script
from core.spec import with_values
from core.storage import archive, runs
from core.types import Run

ROOT = Path(__file__).parents[2]
HOSTILE = '"""; raise SystemExit("run"); x = """'
NAMES = (HOSTILE, "a'b\\", "{0} {run}", "line\nbreak\u2028", "<script>alert(1)</script>", "변동성")


def start(path: Path, *arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, str(path), *map(str, arguments)],
        cwd=path.parent,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def values_of(source: str) -> dict[str, object]:
    """The constants at the top of a script, read without running it."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign):
            found[node.targets[0].id] = ast.literal_eval(node.value)  # type: ignore[attr-defined]
    return found


@pytest.fixture(scope="module")
def bundled() -> Run:
    """A tiny run of a bundled series."""
    settings = {"window.lookback": 6, "model.hidden": 4, "train.epochs": 2, "target.horizon": 2}
    return lb.fit(lb.load_sample("NILE"), settings=settings, progress=False).record


def test_a_bundled_series_gives_every_number_again(bundled: Run, tmp_path: Path) -> None:
    path = tmp_path / "again.py"
    path.write_text(script.write(bundled), encoding="utf-8")
    result = start(path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"Every number is that of run {bundled.id}." in result.stdout


def test_a_file_gives_every_number_again_and_other_data_are_refused(finished: Run, tmp_path: Path) -> None:
    spec = replace(finished.spec, data=replace(finished.spec.data, source="file"))
    saved = runs.save(replace(finished, spec=spec), tmp_path / "runs")
    path, packed = tmp_path / "again.py", tmp_path / f"run-{saved.id}.zip"
    path.write_text(script.write(saved), encoding="utf-8")
    assert f"There is no file {packed}" in start(path).stderr
    packed.write_bytes(archive.pack(saved.id, tmp_path / "runs"))
    result = start(path)
    assert result.returncode == 0, result.stdout + result.stderr
    other = pd.read_parquet(tmp_path / "runs" / saved.id / "data.parquet")
    other.iloc[3, 1] += 0.01
    other.to_parquet(tmp_path / "other.parquet", index=False)
    result = start(path, tmp_path / "other.parquet")
    assert result.returncode == 1 and "The data differ from those of run" in result.stderr


def test_a_number_that_differs_is_named(bundled: Run) -> None:
    names: dict = {"np": np}
    source = script.write(bundled)
    tree = ast.parse(source)
    body = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in {"compare", "plain"}]
    exec(compile(ast.Module(body=body, type_ignores=[]), "script", "exec"), names)
    expected = values_of(source)["EXPECTED"]
    skill = expected["verdict"]["skill"]  # type: ignore[index]
    changed = expected | {"verdict": expected["verdict"] | {"skill": np.nextafter(skill, 1)}}  # type: ignore[operator,index]
    assert [*names["compare"](expected, expected, "")] == []
    (line,) = names["compare"](expected, changed, "")
    assert line.startswith("verdict skill: ")


def test_the_digest_of_the_script_is_that_of_the_run(finished: Run) -> None:
    names: dict = {}
    tree = ast.parse(script.write(finished))
    body = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef)]
    exec(compile(ast.Module(body=body, type_ignores=[]), "script", "exec"), names)
    assert names["digest"](finished.frame) == frames.digest(finished.frame) == finished.data_digest
    assert names["numbers"].__name__ == "numbers"


def test_the_settings_are_the_whole_recipe(finished: Run) -> None:
    assert with_values(lb.Spec(), script.settings_of(finished)) == finished.spec


@pytest.mark.parametrize("name", NAMES)
def test_no_name_becomes_code(finished: Run, name: str) -> None:
    frame = finished.frame.rename(columns={"A": name, "volume": name})
    data = replace(finished.spec.data, source="file", symbols=(name,), known_future=(name,))
    spec = replace(finished.spec, data=data, features=(f"column:{name}",))
    evaluation = replace(finished.evaluation, scores={name: {name: 1.0}})
    changed = replace(finished, frame=frame, spec=spec, evaluation=evaluation, environment={name: name})
    source = script.write(changed, data_file=name)
    sample = replace(finished, spec=replace(finished.spec, data=replace(data, symbols=("A",), known_future=())))
    plain = ast.parse(script.write(sample, data_file="x"))
    assert [type(node) for node in ast.parse(source).body] == [type(node) for node in plain.body]
    for ours, theirs in zip(ast.parse(source).body, plain.body, strict=True):
        if not isinstance(ours, ast.Assign):
            assert ast.dump(ours) == ast.dump(theirs)
    values = values_of(source)
    assert values["DATA_FILE"] == name and values["VERSIONS"] == {name: name}
    assert (name, name) in values["COLUMNS"] and values["SETTINGS"]["data.symbols"] == [name]  # type: ignore[index,operator]
