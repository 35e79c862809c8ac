"""The list of runs reads a folder once, and again when a file of it changes."""

import json
import math
from dataclasses import replace

import pytest

from core.language import shown, use
from core.storage import runs, summaries


@pytest.fixture
def store(finished, tmp_path):
    """A store of as many runs as make it write its list."""
    for _ in range(summaries.FEWEST):
        runs.save(finished, tmp_path)
    return tmp_path


@pytest.fixture
def reads(monkeypatch):
    """The names of the folders that are read."""
    names, read = [], summaries.read
    monkeypatch.setattr(summaries, "read", lambda folder: names.append(folder.name) or read(folder))
    return names


def test_a_line_says_what_the_table_shows(finished, tmp_path):
    runs.save(finished, tmp_path)
    (line,) = runs.list_all(tmp_path)
    verdict = finished.evaluation.verdict
    assert (line.window, line.interval, line.verdict) == (10, verdict.interval, verdict.text)
    assert line.losses == pytest.approx([epoch.val_loss for epoch in finished.history.epochs], rel=1e-3)


def test_long_loss_curves_are_thinned_out_between_their_ends():
    epochs = [{"val_loss": float(n), "member": 1} for n in range(1000)]
    epochs += [{"val_loss": -1.0, "member": 2}, {"val_loss": None, "member": 1}]
    losses = summaries._losses({"epochs": epochs})
    assert len(losses) == summaries.LOSSES and (losses[0], losses[-1]) == (0.0, 999.0)
    assert list(losses) == sorted(losses)


def test_every_folder_is_read_once(store, reads):
    first = runs.list_all(store)
    assert len(reads) == len(first) == summaries.FEWEST
    assert runs.list_all(store) == first and len(reads) == summaries.FEWEST


def test_another_process_reads_the_kept_list(store, reads):
    first = runs.list_all(store)
    summaries._known.clear()
    again = runs.list_all(store)
    assert len(reads) == summaries.FEWEST
    assert [replace(line, skill=0.0) for line in again] == [replace(line, skill=0.0) for line in first]
    with use("ko"):
        assert shown(again[0].verdict) == shown(first[0].verdict) != again[0].verdict


def test_a_changed_or_damaged_run_is_read_again(store, reads):
    line = runs.list_all(store)[3]
    (store / line.id / "spec.json").write_text("damaged")
    after = runs.list_all(store)
    assert reads[summaries.FEWEST :] == [line.id] and after[3].problem and not after[2].problem


def test_a_deleted_run_is_forgotten(store):
    line = runs.list_all(store)[0]
    runs.delete(line.id, store)
    assert line.id not in {other.id for other in runs.list_all(store)}
    assert line.id not in summaries._known[store.resolve()].by_name


@pytest.mark.parametrize("content", ["", "no JSON", "[]", '{"version": 1}', '{"version": 0, "lines": {}}'])
def test_a_damaged_list_is_as_good_as_none(store, reads, content):
    first = runs.list_all(store)
    (store / summaries.FILE).write_text(content)
    summaries._known.clear()
    assert runs.list_all(store) == first and len(reads) == 2 * summaries.FEWEST


def test_a_small_store_gets_no_list_and_a_read_only_one_is_listed(finished, tmp_path, monkeypatch):
    runs.save(finished, tmp_path)
    runs.list_all(tmp_path)
    assert not (tmp_path / summaries.FILE).exists()
    monkeypatch.setattr(summaries, "FEWEST", 1)
    summaries._known.clear()
    monkeypatch.setattr(summaries.atomic.tempfile, "mkdtemp", lambda **named: (_ for _ in ()).throw(OSError(30, "ro")))
    assert len(runs.list_all(tmp_path)) == 1


def test_the_kept_list_is_plain_json(store):
    runs.list_all(store)
    kept = json.loads((store / summaries.FILE).read_text(), parse_constant=lambda name: pytest.fail(name))
    assert len(kept["lines"]) == summaries.FEWEST and math.isfinite(kept["version"])
