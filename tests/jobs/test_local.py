import pytest

from core.errors import TrainError
from core.events import Progress, Stage
from core.jobs.local import run

from . import sample_jobs


def test_events_come_in_order_and_the_return_value_is_returned():
    events = []
    assert run(sample_jobs.count(3), events.append) == 6
    assert events == [Stage(name="count", text="3 steps"), *(Progress(done=n, total=3) for n in (1, 2, 3))]


def test_an_error_of_the_job_is_raised_unchanged():
    with pytest.raises(TrainError, match=r"below 0\.1"):
        run(sample_jobs.train_badly(), print)


def test_the_job_cleans_up_at_once_when_the_listener_raises(tmp_path):
    def stop(event: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(sample_jobs.clean_up(str(tmp_path / "proof")), stop)
    assert (tmp_path / "proof").read_text() == "cleaned"
