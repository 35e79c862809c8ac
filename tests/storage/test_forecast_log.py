"""The log of live forecasts: whoever changes, removes, moves or inserts a line is noticed, and the line is named."""

import json
import multiprocessing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import RunError
from core.storage import forecast_log
from core.storage.finish import finish
from tests.evaluation.track import sample_records as samples

RECORDS = [samples.model(), *(samples.forecast(day, yhat=0.1 * day) for day in range(8))]


@pytest.fixture
def written(tmp_path):
    """The file of a log with nine lines."""
    assert forecast_log.append(RECORDS, tmp_path) == 9
    return tmp_path / forecast_log.FOLDER / forecast_log.FILE


def reading(path: Path) -> forecast_log.ForecastLog:
    return forecast_log.load(path.parents[1])


def change(path: Path, edit) -> forecast_log.ForecastLog:
    """The log after its lines were edited."""
    lines = path.read_bytes().split(b"\n")[:-1]
    path.write_bytes(b"".join(line + b"\n" for line in edit(lines)))
    return reading(path)


def reseal(line: bytes, **values) -> bytes:
    """A line with other values and the hash that belongs to them, as somebody writes who knows how."""
    changed = json.loads(line) | values
    changed.pop("hash")
    return forecast_log._seal(json.dumps(changed, ensure_ascii=False).encode()[:-1]).rstrip(b"\n")


def test_records_come_back_number_for_number(written):
    log = reading(written)
    assert log.intact and log.entries == 9 and log.line is None
    assert list(log.records[1:]) == RECORDS[1:]
    assert (log.records[0].loss_M == RECORDS[0].loss_M).all() and log.records[0].recipe == RECORDS[0].recipe


def test_a_record_is_logged_once(written):
    assert forecast_log.append(RECORDS, written.parents[1]) == 0
    assert forecast_log.append([samples.forecast(3, yhat=99.0), samples.forecast(20)], written.parents[1]) == 1
    assert reading(written).entries == 10 and reading(written).records[4].yhat_H == RECORDS[4].yhat_H


@pytest.mark.parametrize("at", [0, 4, 8])
def test_an_edited_line_is_named(written, at):
    log = change(
        written, lambda lines: [*lines[:at], lines[at].replace(b'"nominal": 0.9', b'"nominal": 0.8'), *lines[at + 1 :]]
    )
    assert log.line == at + 1 and f"Line {at + 1} " in log.problem and len(log.records) == 8


@pytest.mark.parametrize("at", [0, 4, 8])
def test_an_edited_line_with_a_new_hash_is_named(written, at):
    log = change(written, lambda lines: [*lines[:at], reseal(lines[at], nominal=0.8), *lines[at + 1 :]])
    assert log.line == at + 1 and f"Line {at + 1} " in log.problem


def test_a_removed_line_is_named(written):
    log = change(written, lambda lines: lines[:3] + lines[4:])
    assert log.line == 4 and "from 3 to 5" in log.problem and log.entries == 8


def test_lines_removed_at_the_end_are_noticed(written):
    log = change(written, lambda lines: lines[:6])
    assert log.line == 7 and "had 9 lines" in log.problem
    written.unlink()
    assert reading(written).line == 1


def test_moved_lines_are_noticed(written):
    assert change(written, lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]]).line == 4


def test_an_inserted_line_is_noticed(written):
    def insert(lines):
        between = reseal(lines[4], n=6, previous=forecast_log._hash_of(lines[4]), yhat_H=[7.0])
        return [*lines[:5], between, *lines[5:]]

    log = change(written, insert)
    assert log.line == 7 and "from 6 to 6" in log.problem


def test_what_is_no_line_at_all_is_named(written):
    log = change(written, lambda lines: [*lines[:2], b"\xff\x00 no json", *lines[3:]])
    assert log.line == 3 and len(log.records) == 8


def test_appending_goes_on_after_a_change_and_the_change_stays_named(written):
    change(written, lambda lines: [lines[0], lines[1].replace(b"0.9", b"0.8"), *lines[2:]])
    assert forecast_log.append([samples.forecast(30)], written.parents[1]) == 1
    log = reading(written)
    assert (log.line, log.entries) == (2, 10) and log.records[-1].key == samples.forecast(30).key


def test_a_line_torn_by_a_crash_costs_no_other(written):
    whole = written.read_bytes()
    written.write_bytes(whole + b'{"n": 10, "previous": "ab')
    log = reading(written)
    assert log.intact and log.entries == 9
    forecast_log.append([samples.forecast(30)], written.parents[1])
    log = reading(written)
    assert log.intact and log.entries == 10 and written.read_bytes().startswith(whole)
    (rest,) = written.parent.glob("unfinished-*.txt")
    assert rest.read_bytes() == b'{"n": 10, "previous": "ab'


def test_a_crash_between_the_lines_and_the_head_is_no_change(written):
    head = (written.parent / forecast_log.HEAD).read_bytes()
    forecast_log.append([samples.forecast(30)], written.parents[1])
    (written.parent / forecast_log.HEAD).write_bytes(head)
    assert reading(written).intact
    (written.parent / forecast_log.HEAD).unlink()
    assert reading(written).intact


def append_days(root: Path, first: int) -> None:
    for day in range(first, first + 10):
        forecast_log.append([samples.forecast(day)], root)


def test_processes_that_append_at_once_lose_nothing(tmp_path):
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=append_days, args=(tmp_path, first)) for first in (0, 5, 100)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    log = forecast_log.load(tmp_path)
    assert log.intact and log.entries == 25  # five days were wanted by two of them


def test_a_full_disk_is_a_sentence(tmp_path):
    (tmp_path / forecast_log.FOLDER).write_text("a file in the way")
    with pytest.raises(RunError, match="could not be logged"):
        forecast_log.append(RECORDS, tmp_path)
    assert forecast_log.load(tmp_path).intact


def test_an_empty_log_is_intact(tmp_path):
    assert forecast_log.load(tmp_path) == forecast_log.ForecastLog()


@settings(max_examples=12)
@given(st.data())
def test_no_single_byte_can_be_changed_unnoticed(tmp_path_factory, data):
    root = tmp_path_factory.mktemp("chain")
    symbols = data.draw(st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=4, unique=True))
    forecast_log.append([samples.forecast(0, symbol) for symbol in symbols], root)
    assert forecast_log.load(root).intact and forecast_log.load(root).entries == len(symbols)
    path = root / forecast_log.FOLDER / forecast_log.FILE
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 2))  # without the last line break
    content[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    assert not forecast_log.load(root).intact


def test_a_finished_training_logs_its_model_and_its_first_forecast(finished, tmp_path):
    saved, warning = finish(finished, None, tmp_path)
    log = forecast_log.load(tmp_path)
    model, live = log.records
    assert warning == "" and (model.run, live.run) == (saved.id, saved.id)
    row = saved.forecast[saved.forecast["part"] == "live"].iloc[0]
    assert (live.yhat_H[0], live.lo_H[0], live.hi_H[0]) == (row["yhat"], row["lo"], row["hi"])
    scores = saved.evaluation.scores
    assert model.loss == scores["lstm"]["mse_scaled"] and model.coverage == saved.evaluation.bands["coverage"]
    assert model.loss == pytest.approx(model.loss_M.mean()) and model.coverage == pytest.approx(model.covered_M.mean())
