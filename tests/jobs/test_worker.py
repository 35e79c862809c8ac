import pytest

from core import errors
from core.events import Progress
from core.jobs.transport import pack, unpack
from core.jobs.worker import outcome_of_bug, outcome_of_error, rebuild_error


@pytest.mark.parametrize("kind", ["CoreError", "SpecError", "SourceError", "TrainError", "JobError", "Cancelled"])
def test_an_error_is_rebuilt_with_its_class(kind):
    error = rebuild_error(kind, "what is wrong")
    assert type(error) is getattr(errors, kind)
    assert str(error) == "what is wrong"


def test_an_error_of_an_unknown_class_is_rebuilt_as_a_job_error():
    assert type(rebuild_error("ZeroDivisionError", "division by zero")) is errors.JobError


def test_a_known_error_has_no_traceback_and_a_bug_has_one():
    mistake = outcome_of_error(errors.DataError("41 rows are too few."))
    assert (mistake.kind, mistake.error, mistake.traceback) == ("DataError", "41 rows are too few.", None)
    bug = outcome_of_error(KeyError("close"))
    assert bug.kind == "KeyError"
    assert bug.traceback == outcome_of_bug(KeyError("close")).traceback == "KeyError: 'close'\n"


def test_a_lost_connection_says_what_to_check():
    outcome = outcome_of_error(ConnectionResetError("peer"))
    assert outcome.kind == "JobError"
    assert outcome.error.startswith("The connection to the workers was lost")
    assert "ConnectionResetError: peer" in outcome.error


def test_unpacking_a_packed_event_returns_an_equal_one():
    assert unpack(pack(Progress(done=1, total=2))) == Progress(done=1, total=2)
