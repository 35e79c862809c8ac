"""What is remembered of a visitor: whole or not at all, under a name that gives nobody their id."""

import threading

import pytest

from core.storage import visitors
from core.storage.visitors import Recipe, Training

RECIPE = Recipe(text='{"target.horizon":10}', upload="0123456789abcdef")


def test_ids_cannot_be_guessed_and_only_their_form_is_accepted():
    assert len({visitors.new_id() for _ in range(100)}) == 100
    assert visitors.is_id(visitors.new_id())
    for sent in (None, "", "a" * 31, "A" * 32, "../" * 11, "a" * 32 + "\n", b"a" * 32):
        assert not visitors.is_id(sent)


def test_recipes_and_trainings_are_read_back_and_are_nobody_elses(tmp_path):
    ann, ben = visitors.new_id(), visitors.new_id()
    visitors.remember_recipes(ann, (RECIPE,), tmp_path)
    visitors.start_training(ann, "key", RECIPE, tmp_path)
    assert visitors.load(ann, tmp_path).recipes == (RECIPE,)
    assert visitors.load(ann, tmp_path).runs == ()
    visitors.finish_training(ann, Training(key="key", recipe=RECIPE, run="one"), tmp_path)
    visitors.finish_training(ann, Training(key="key", recipe=RECIPE, run="two"), tmp_path)
    assert visitors.load(ann, tmp_path).runs == ("two", "one")
    assert visitors.load(ben, tmp_path) == visitors.Visitor()
    (path,) = (tmp_path / visitors.FOLDER).iterdir()
    assert ann not in path.name and ann not in path.read_text()


@pytest.mark.parametrize("sent", ["../../runs", "/etc/passwd", "a\x00b", ""])
def test_an_id_is_never_part_of_a_path(tmp_path, sent):
    visitors.remember_recipes(sent, (RECIPE,), tmp_path)
    (path,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert path.parent == tmp_path / visitors.FOLDER and visitors.ID.fullmatch(path.stem)


def test_a_damaged_record_is_as_good_as_none(tmp_path):
    ann = visitors.new_id()
    visitors.remember_recipes(ann, (RECIPE,), tmp_path)
    (path,) = (tmp_path / visitors.FOLDER).iterdir()
    for content in ("", "{", "[]", '{"recipes":[{"text":1}]}', '{"trainings":3}'):
        path.write_text(content)
        assert visitors.load(ann, tmp_path) == visitors.Visitor()


def test_only_the_latest_are_remembered(tmp_path, monkeypatch):
    monkeypatch.setattr(visitors, "VISITORS", 3)
    ids = [visitors.new_id() for _ in range(5)]
    for one in ids:
        visitors.remember_recipes(one, tuple(Recipe(text=str(n)) for n in range(30)), tmp_path)
    assert len(list((tmp_path / visitors.FOLDER).iterdir())) == 3
    kept = visitors.load(ids[-1], tmp_path).recipes
    assert len(kept) == visitors.RECIPES and kept[-1].text == "29"


def test_two_tabs_and_the_queue_lose_nothing_to_each_other(tmp_path):
    ann = visitors.new_id()

    def finish(number: int) -> None:
        training = Training(key=str(number), recipe=RECIPE, run=str(number))
        visitors.finish_training(ann, training, tmp_path)

    threads = [threading.Thread(target=finish, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(visitors.load(ann, tmp_path).runs) == 20


def test_a_run_is_deleted_by_those_who_trained_it_or_by_anybody_if_nobody_did(tmp_path):
    mine, theirs, stranger = (visitors.new_id() for _ in range(3))
    for visitor in (mine, theirs):
        visitors.finish_training(visitor, Training(key="k", recipe=Recipe(text=""), run="a"), tmp_path)
    (tmp_path / visitors.FOLDER / f"{'0' * 32}.json").write_text("damaged")
    assert [visitors.may_delete(visitor, "a", tmp_path) for visitor in (mine, theirs, stranger)] == [True, True, False]
    assert visitors.may_delete(stranger, "b", tmp_path)
