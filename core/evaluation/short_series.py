"""What a series of few rows cannot show, in one sentence."""

from core.language import message
from core.types import Run

FEW_ROWS = 300


def describe_short(run: Run) -> str | None:
    """How few windows a short series leaves for training and test, and what calibrates its interval; None if the frame
    has more than 300 rows."""
    rows, counts, horizon = len(run.frame), run.rows, run.spec.target.horizon
    if rows > FEW_ROWS:
        return None
    separate = max(1, round(counts["test"] / horizon))
    apart = (
        message(", which overlap: as little as {separate} of them side by side", separate=separate)
        if separate < counts["test"]
        else ""
    )
    interval = (
        ""
        if counts["calib"]
        else message(" The interval is calibrated on the validation windows that also chose the model.")
    )
    return message(
        "The series has {rows} rows: {counts} windows of {lookback} rows to learn from and {counts_2} to test "
        "on{apart}. So few can show a large skill, and no small one.{interval}",
        rows=rows,
        counts=counts["train"],
        lookback=run.spec.window.lookback,
        counts_2=counts["test"],
        apart=apart,
        interval=interval,
    )
