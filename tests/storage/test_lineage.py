"""Which run a training continues: announced by the key of its checkpoint, claimed once when it is saved."""

import pytest

from core.errors import RunError
from core.storage import finish, forecast_log, lineage, runs

KEY, OTHER = "0123456789ab-0123456789abcdef", "ba9876543210-0123456789abcdef"


def test_a_training_that_was_announced_remembers_what_it_continues(finished, tmp_path):
    first, _ = finish.finish(finished, None, tmp_path)
    lineage.announce(OTHER, "20260102-030405-ffffffff", tmp_path)
    lineage.announce(KEY, first.id, tmp_path)
    second, warning = finish.finish(finished, KEY, tmp_path)
    assert (warning, lineage.parent_of(second.id, tmp_path), lineage.parent_of(first.id, tmp_path)) == (
        "",
        first.id,
        "",
    )
    parents = {one.run: one.parent for one in forecast_log.load(tmp_path).records if hasattr(one, "parent")}
    assert parents == {first.id: "", second.id: first.id}
    assert lineage.claim(KEY, second.id, tmp_path) == ""  # once
    assert runs.load(second.id, tmp_path).spec == first.spec  # the recipe knows nothing of it


def test_a_damaged_file_of_lineages_is_as_good_as_none(tmp_path):
    lineage.announce(KEY, "20260102-030405-ffffffff", tmp_path)
    (tmp_path / forecast_log.FOLDER / lineage.FILE).write_text("[1, 2")
    assert lineage.claim(KEY, "20260102-030405-ffffffff", tmp_path) == ""


def test_a_run_that_is_gone_has_no_parent_to_tell(tmp_path):
    with pytest.raises(RunError):
        lineage.parent_of("20260102-030405-ffffffff", tmp_path)
