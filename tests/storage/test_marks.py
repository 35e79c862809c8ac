"""Tags, notes and stars: plain words of limited length, and never a reason why a run cannot be opened."""

import json

import pytest

from core.errors import RunError
from core.storage import marks, runs


def test_marks_come_back_and_are_in_the_list(finished, tmp_path):
    runs.save(finished, tmp_path)
    assert runs.list_all(tmp_path)[0].marks == marks.Marks()
    marked = marks.build(("good", "for Kim"), "The first with volume.", star=True)
    runs.save_marks(finished.id, marked, tmp_path)
    assert runs.list_all(tmp_path)[0].marks == runs.summarize(finished.id, tmp_path).marks == marked
    assert runs.load(finished.id, tmp_path).spec == finished.spec


def test_words_are_cut_to_what_is_kept_of_them():
    built = marks.build(["  a\tb ", "a b", "", "\x00", *(f"tag {n}" for n in range(20))], "x\ny" + "z" * 900)
    assert built.tags[0] == "a b" and len(built.tags) == marks.MAX_TAGS and "" not in built.tags
    assert built.note.startswith("x yz") and len(built.note) == marks.MAX_NOTE
    assert len(marks.build(["t" * 99]).tags[0]) == marks.MAX_TAG
    assert marks.build(["\u202egnol"]).tags == ("gnol",)  # no sign that turns the writing around


@pytest.mark.parametrize(
    "content", ["", "no JSON", "[]", '{"tags": 5}', '{"tags": [1]}', '{"note": ["x"]}', '{"star": "yes"}', "\xff"]
)
def test_damaged_marks_make_no_run_unreadable(finished, tmp_path, content):
    runs.save(finished, tmp_path)
    (tmp_path / finished.id / "marks.json").write_bytes(content.encode("latin-1"))
    (line,) = runs.list_all(tmp_path)
    assert not line.problem and line.marks == marks.Marks()
    assert runs.load(finished.id, tmp_path).id == finished.id


def test_marks_that_somebody_wrote_by_hand_are_cut_too(finished, tmp_path):
    runs.save(finished, tmp_path)
    written = {"tags": ["a"] * 50 + ["b" * 200], "note": "n" * 5000}
    (tmp_path / finished.id / "marks.json").write_text(json.dumps(written))
    read = runs.summarize(finished.id, tmp_path).marks
    assert read.tags == ("a", "b" * marks.MAX_TAG) and len(read.note) == marks.MAX_NOTE


def test_marks_of_no_run_are_refused(tmp_path):
    with pytest.raises(RunError):
        runs.save_marks("../etc", marks.Marks(), tmp_path)
