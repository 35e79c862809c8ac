import pytest

from core import errors
from core.events import Progress
from core.jobs.transport import pack, unpack
from core.jobs.worker import explain, failure, rebuild


@pytest.mark.parametrize("kind", ["CoreError", "SpecError", "SourceError", "TrainError", "JobError", "Cancelled"])
def test_an_error_is_rebuilt_as_the_class_it_was(kind):
    error = rebuild(kind, "what is wrong")
    assert type(error) is getattr(errors, kind)
    assert str(error) == "what is wrong"


def test_an_error_that_is_no_leaf_here_is_a_job_error():
    assert type(rebuild("ZeroDivisionError", "division by zero")) is errors.JobError


def test_a_users_mistake_has_no_traceback_and_a_bug_has_one():
    mistake = explain(errors.DataError("41 rows are too few."))
    assert (mistake.kind, mistake.error, mistake.traceback) == ("DataError", "41 rows are too few.", None)
    bug = explain(KeyError("close"))
    assert bug.kind == "KeyError"
    assert bug.traceback == failure(KeyError("close")).traceback == "KeyError: 'close'\n"


def test_a_broken_line_says_what_to_check():
    outcome = explain(ConnectionResetError("peer"))
    assert outcome.kind == "JobError"
    assert outcome.error.startswith("The connection to the workers was lost")
    assert "ConnectionResetError: peer" in outcome.error


def test_a_packed_event_comes_back_equal():
    assert unpack(pack(Progress(done=1, total=2))) == Progress(done=1, total=2)
