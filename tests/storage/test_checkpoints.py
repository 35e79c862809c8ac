"""The state of an interrupted run is stored whole or not at all, and found by its recipe and data alone."""

import dataclasses
import os

import numpy as np
import pytest

from core.errors import RunError
from core.events import Checkpoint, Epoch
from core.spec import Spec, with_values
from core.storage import checkpoints
from core.types import CHECKPOINT_FORMAT

DIGEST = "0123456789abcdef"
EPOCH = Epoch(epoch=1, epochs=40, train_loss=0.5, val_loss=0.6, lr=1e-3, seconds=1.0, eta=0.0, step=600, steps=1500)


def saved(epoch: int) -> Checkpoint:
    return Checkpoint(
        arrays={"net/a": np.arange(6, dtype=np.float32).reshape(2, 3), "random/t": np.array([1, 2], np.uint8)},
        state={
            "format": CHECKPOINT_FORMAT,
            "epoch": epoch,
            "member": 1,
            "random": {"state": 2**100},
            "told": [dataclasses.asdict(EPOCH), dataclasses.asdict(dataclasses.replace(EPOCH, epoch=epoch))],
        },
    )


def test_the_newest_state_of_a_recipe_and_data_is_found(tmp_path):
    spec = Spec()
    checkpoints.save(saved(3), spec, DIGEST, None, tmp_path)
    checkpoints.save(saved(7), spec, DIGEST, "upload", tmp_path)
    loaded = checkpoints.load(spec, DIGEST, tmp_path)
    assert loaded.state == saved(7).state
    np.testing.assert_array_equal(loaded.arrays["net/a"], saved(7).arrays["net/a"])
    assert loaded.arrays["random/t"].dtype == np.uint8
    assert checkpoints.load(with_values(spec, {"seed": 1}), DIGEST, tmp_path) is None
    assert checkpoints.load(spec, DIGEST[::-1], tmp_path) is None
    (line,) = checkpoints.list_all(tmp_path)
    assert (line.spec, line.upload, line.last) == (spec, "upload", dataclasses.replace(EPOCH, epoch=7))
    checkpoints.delete(line.key, tmp_path)
    assert checkpoints.list_all(tmp_path) == () and checkpoints.load(spec, DIGEST, tmp_path) is None


RECIPE = Spec()


def path_of(root, spec: Spec = RECIPE):
    return root / checkpoints.FOLDER / f"{checkpoints.key(spec, DIGEST)}.safetensors"


def test_a_damaged_state_is_ignored_and_only_names_of_states_are_looked_up(tmp_path):
    checkpoints.save(saved(3), Spec(), DIGEST, None, tmp_path)
    path_of(tmp_path).write_bytes(b"\xff" * 20)
    assert checkpoints.list_all(tmp_path) == ()
    assert checkpoints.load(Spec(), DIGEST, tmp_path) is None and not path_of(tmp_path).exists()
    (tmp_path / "precious.safetensors").write_text("mine")
    checkpoints.delete("../precious", tmp_path)
    assert (tmp_path / "precious.safetensors").is_file()


def test_a_state_of_another_format_is_ignored(tmp_path):
    old = saved(3)
    checkpoints.save(Checkpoint(arrays=old.arrays, state=old.state | {"format": 0}), Spec(), DIGEST, None, tmp_path)
    assert checkpoints.load(Spec(), DIGEST, tmp_path) is None and checkpoints.list_all(tmp_path) == ()


def test_a_state_of_an_earlier_version_is_listed_as_one_that_cannot_be_resumed(tmp_path):
    for version, seed in ((2, 1), (CHECKPOINT_FORMAT, 2)):
        state = saved(3).state | {"format": version}
        spec = with_values(Spec(), {"seed": seed})
        checkpoints.save(Checkpoint(arrays=saved(3).arrays, state=state), spec, DIGEST, None, tmp_path)
    lines = {line.spec.seed: (line.resumable, line.last is None) for line in checkpoints.list_all(tmp_path)}
    assert lines == {1: (False, True), 2: (True, False)}


def test_only_the_latest_are_kept(tmp_path):
    for seed in range(checkpoints.MOST + 2):
        spec = with_values(Spec(), {"seed": seed})
        checkpoints.save(saved(1), spec, DIGEST, None, tmp_path)
        os.utime(path_of(tmp_path, spec), (seed, seed))
    assert len(checkpoints.list_all(tmp_path)) == checkpoints.MOST
    assert path_of(tmp_path, with_values(Spec(), {"seed": checkpoints.MOST + 1})).exists()


def test_a_full_disk_is_reported_and_leaves_the_state_before(tmp_path, monkeypatch):
    checkpoints.save(saved(3), Spec(), DIGEST, None, tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(RunError, match=r"could not be saved.*No space left on device"):
        checkpoints.save(saved(4), Spec(), DIGEST, None, tmp_path)
    monkeypatch.undo()
    assert checkpoints.load(Spec(), DIGEST, tmp_path).state["epoch"] == 3
    assert [path.name for path in (tmp_path / checkpoints.FOLDER).iterdir()] == [path_of(tmp_path).name]
