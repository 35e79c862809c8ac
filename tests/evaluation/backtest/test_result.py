"""What the folds of a backtest say together."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from core.evaluation.alarms import Alarm
from core.evaluation.backtest.result import add_fold_alarms
from core.types import Run


def folds(*alarms: Alarm) -> Any:
    return tuple(SimpleNamespace(alarms=(alarm,), left_out={}) for alarm in alarms)


def test_only_a_feature_that_looks_ahead_overrules_the_verdict_of_the_folds(finished: Run) -> None:
    evaluation = replace(finished.evaluation, alarms=())
    leak = Alarm(name="leakage", feature="close", text="It leaks.")
    whole = Alarm(name="look-ahead", feature=None, text="Something looks ahead.")
    judged = add_fold_alarms(folds(leak, whole, leak), evaluation)
    assert judged.verdict == evaluation.verdict and set(judged.alarms) == {leak, whole}
    ahead = Alarm(name="look-ahead", feature="close", text="It looks ahead.")
    overruled = add_fold_alarms(folds(leak, ahead), evaluation)
    assert overruled.verdict != evaluation.verdict and "close" in overruled.verdict.text
