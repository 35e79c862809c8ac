"""Artifacts are stored number for number with a run, which stays as it was."""

import json
import zipfile
from io import BytesIO

import numpy as np
import pytest

from core.errors import RunError
from core.explain.gradient_memory import Memory
from core.explain.local import ForecastRevision, LocalExplanation, TimeSegments
from core.storage import archive, artifacts, runs
from core.types import Explanation

NS = "datetime64[ns]"
EXPLANATION = Explanation(
    method="permutation",
    features=("a", "b"),
    steps=(1, 2),
    symbol_N=("S",),
    cutoff_N=np.array(["2020-01-02"], NS),
    values_NHF=np.array([[[0.1, 1 / 3], [np.nan, -2.0]]]),
    base_H=np.array([1.0, 2.0]),
    data_NF=np.array([[3.0, 4.0]]),
    forecast_NH=np.array([[5.0, 6.0]]),
    by_lag_L=np.array([0.5, 0.5]),
    additivity_error=float("nan"),
)
REVISION = ForecastRevision(
    symbol="S",
    previous=np.datetime64("2020-01-01", "ns"),
    cutoff=np.datetime64("2020-01-02", "ns"),
    steps=(1,),
    names=("a",),
    old_P=np.array([1.0]),
    new_P=np.array([2.0]),
    previous_H=np.array([0.0]),
    forecast_H=np.array([1.5]),
    values_PH=np.array([[1.5]]),
)


def day(since: ForecastRevision | None, why: str = "") -> LocalExplanation:
    return LocalExplanation(
        symbol="S",
        features=("a",),
        time_L=np.array(["2020-01-01", "2020-01-02"], NS),
        raw_LF=np.ones((2, 1), dtype=np.float32),
        standardized_LF=np.zeros((2, 1)),
        attribution_LF=np.full((2, 1), 0.1),
        additivity_error=1e-16,
        revision=since,
        reason=why,
    )


ARTIFACTS = [
    EXPLANATION,
    day(REVISION),
    day(None, "none before"),
    TimeSegments(
        segments=EXPLANATION,
        segment_features=EXPLANATION,
        features=("a", "b"),
        segment_P=np.array([0, 1]),
        feature_P=np.array([1, 0]),
        edge_B=np.array([0, 1, 2]),
        first_B=np.array(["2020-01-01"] * 2, NS),
        last_B=np.array(["NaT", "2020-01-02"], NS),
        shared=True,
    ),
    Memory(norm_L=np.array([1.0, 0.5]), untrained={"rnn": np.array([0.3, 0.1])}, windows=16, seeds=3),
]


@pytest.fixture
def saved(finished, tmp_path):
    return runs.save(finished, tmp_path)


@pytest.mark.parametrize("artifact", ARTIFACTS, ids=lambda artifact: type(artifact).__name__)
def test_an_artifact_is_read_back_number_for_number(artifact, saved, tmp_path):
    assert artifacts.load(type(artifact), saved.id, "S", "2020-01-02", tmp_path) is None
    assert artifacts.save(saved.id, "S", "2020-01-02", artifact, tmp_path) == saved.id
    loaded = artifacts.load(type(artifact), saved.id, "S", "2020-01-02", tmp_path)
    np.testing.assert_equal(plain(loaded), plain(artifact))
    assert artifacts.load(type(artifact), saved.id, "S", "2020-01-03", tmp_path) is None


def plain(value):
    """Nested plain values whose arrays and their types are compared."""
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, np.ndarray | np.datetime64):
        return str(value.dtype), np.asarray(value)
    return value


def test_an_artifact_leaves_the_run_as_it_was_and_is_packed_with_it(saved, tmp_path):
    artifacts.save(saved.id, "first", "", ARTIFACTS[-1], tmp_path)
    before = runs.fingerprint(saved.id, tmp_path)
    artifacts.save(saved.id, "../../S", "/etc/passwd", ARTIFACTS[-1], tmp_path)
    assert runs.fingerprint(saved.id, tmp_path) == before  # so the run is not read again
    with zipfile.ZipFile(BytesIO(archive.pack(saved.id, tmp_path))) as packed:
        names = [name for name in packed.namelist() if name.startswith(f"{saved.id}/{artifacts.FOLDER}/memory-")]
    assert len(names) == 2 and all(".." not in name for name in names)
    assert {path.name for path in tmp_path.iterdir()} == {saved.id}
    runs.delete(saved.id, tmp_path)
    with pytest.raises(RunError, match="no run called"):
        artifacts.load(Memory, saved.id, "first", "", tmp_path)


@pytest.mark.parametrize("harm", ["{", "[]", '{"norm_L": 1}', "object"])
def test_a_damaged_artifact_counts_as_absent(harm, saved, tmp_path):
    artifacts.save(saved.id, "S", "", ARTIFACTS[-1], tmp_path)
    (path,) = (tmp_path / saved.id / artifacts.FOLDER).iterdir()
    values = json.loads(path.read_text())
    values["norm_L"] = {"type": "object", "values": ["x"]}
    path.write_text(json.dumps(values) if harm == "object" else harm)
    assert artifacts.load(Memory, saved.id, "S", "", tmp_path) is None


def test_a_full_disk_is_reported(saved, tmp_path, monkeypatch):
    def full(*arguments, **named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(RunError, match=r"could not be saved .*No space left on device.*Free space"):
        artifacts.save(saved.id, "S", "", ARTIFACTS[-1], tmp_path)
