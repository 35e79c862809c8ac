"""What is taken along of a run, and how one is brought in."""

import io
import zipfile

import pytest

from core.storage import archive, runs, visitors
from tests.pages.conftest import checked, errors, opened, press, text
from ui import cache, takeaway
from ui.library import table


def labels(app):
    return {button.key: button.label for button in app.get("download_button")}


def ticked():
    """The first run of the library ticked, as a browser sends it."""
    return {table.key_of(runs.list_all(cache.RUNS)): {"selection": {"rows": [0], "columns": [], "cells": []}}}


def bring(app, content):
    app.get("file_uploader")[0].upload("run.zip", content, "application/zip")
    return press(app, "Import it")


def test_everything_of_a_run_is_offered_on_its_page_and_in_the_library(saved):
    expected = {"Report (HTML)", "Script (Python)", "Run (ZIP)", "Scores (CSV)", "Importances (CSV)", "Parquet"}
    assert expected <= {*labels(opened("forecast")).values()}
    assert expected <= {*labels(opened("runs", **ticked())).values()}


def test_of_a_damaged_run_only_its_files_are_offered(saved):
    (cache.RUNS / saved.id / "metrics.json").write_text("{")
    app = opened("runs", **ticked())
    assert {label for key, label in labels(app).items() if key.startswith("take-")} == {"Run (ZIP)"}


def test_an_imported_run_is_in_the_library_and_belongs_to_who_brought_it(saved):
    packed = archive.pack(saved.id, cache.RUNS)
    app = opened("runs", visitor=visitors.new_id())
    app = bring(app, packed)
    assert f"saved as {saved.id}-2." in text(app) and errors(app) == []
    rows = app.dataframe[0].value
    assert len(rows) == 2 and sorted(rows["Yours"]) == [False, True]
    assert "Imported" not in text(checked(app.run()))  # said once, imported once
    assert len(runs.list_all(cache.RUNS)) == 2


def test_an_empty_library_takes_an_archive(idle, finished, tmp_path):
    runs.save(finished, tmp_path / "elsewhere")
    app = bring(opened("runs"), archive.pack(finished.id, tmp_path / "elsewhere"))
    assert [line.id for line in runs.list_all(cache.RUNS)] == [finished.id]
    assert finished.id in text(app)


@pytest.mark.parametrize("content", [b"no zip", None])
def test_an_archive_that_is_none_is_refused_in_words(idle, content):
    if content is None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as written:
            written.writestr("../evil.json", "{}")
        content = buffer.getvalue()
    app = bring(opened("runs"), content)
    assert len(errors(app)) == 1 and ("zip archive" in errors(app)[0] or "no file of a run" in errors(app)[0])
    assert runs.list_all(cache.RUNS) == ()


def test_files_are_built_from_the_run(saved):
    assert takeaway._report(saved.id, "ko").startswith('<!doctype html>\n<html lang="ko">')
    assert saved.data_digest in takeaway._script(saved.id)
    assert takeaway._csv(saved.id, "scores").startswith("model,")
    assert takeaway._parquet(saved.id, "scores").startswith(b"PAR1")
