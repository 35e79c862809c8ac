"""Each quota: read from the environment, generous by default, and refused in words."""

import pytest

from core.errors import JobError
from core.jobs import quotas
from core.jobs.quotas import DEFAULTS, GB, MB, Quotas

TRAINING = {"rows": 1000, "features": 7, "lookback": 60, "budget": 1500, "unit": "step"}


def test_they_are_read_from_the_environment_and_nothing_means_no_limit():
    assert quotas.read({}) == DEFAULTS
    set_ = quotas.read({"LOOKBACK_MAX_JOBS": "3", "LOOKBACK_MAX_STEPS": "0", "LOOKBACK_MAX_UPLOAD_MB": ""})
    assert (set_.jobs, set_.steps, set_.upload_mb, set_.store_gb) == (3, None, None, DEFAULTS.store_gb)


@pytest.mark.parametrize("text", ["many", "-1", "nan", "inf"])
def test_a_setting_that_is_no_number_is_named(text):
    with pytest.raises(JobError, match="LOOKBACK_MAX_JOBS.*got " + text):
        quotas.read({"LOOKBACK_MAX_JOBS": text})


def test_without_quotas_everything_is_allowed():
    free = Quotas()
    free.check_upload(10**12)
    free.check_jobs(10**6)
    free.check_training(**TRAINING | {"rows": 10**9, "budget": 10**9})
    free.check_store(10**15)


@pytest.mark.parametrize(
    ("quota", "check", "allowed", "refused", "words"),
    [
        ("upload_mb", "check_upload", 2 * MB, 2 * MB + 1, "up to 2 MB"),
        ("jobs", "check_jobs", 1, 2, "You have 2 jobs"),
        ("store_gb", "check_store", 2 * GB - 1, 2 * GB, "Delete runs on the page Runs"),
    ],
)
def test_one_more_than_the_most_is_refused(quota, check, allowed, refused, words):
    limited = Quotas(**{quota: 2})
    getattr(limited, check)(allowed)
    with pytest.raises(JobError, match=words):
        getattr(limited, check)(refused)


@pytest.mark.parametrize(
    ("quota", "unit", "words"),
    [
        ({"values": 420_000}, "step", r"1,001 rows × 7 features × 60 past steps are 420,420 values"),
        ({"steps": 1500}, "step", "1,501 steps together; this server allows 1,500"),
        ({"epochs": 1500}, "epoch", "1,501 epochs together; this server allows 1,500"),
    ],
)
def test_a_training_that_is_too_large_or_too_long_is_refused(quota, unit, words):
    limited = Quotas(**quota)
    limited.check_training(**TRAINING | {"unit": unit})
    with pytest.raises(JobError, match=words):
        limited.check_training(**TRAINING | {"rows": 1001, "budget": 1501, "unit": unit})
