"""What a series of few rows cannot show, in one sentence."""

from core.types import Run

FEW_ROWS = 300


def describe_short(run: Run) -> str | None:
    """How few windows a short series leaves for training and test, and what calibrates its interval; None if the frame
    has more than 300 rows."""
    rows, counts, horizon = len(run.frame), run.rows, run.spec.target.horizon
    if rows > FEW_ROWS:
        return None
    separate = max(1, round(counts["test"] / horizon))
    apart = f", which overlap: as little as {separate} of them side by side" if separate < counts["test"] else ""
    interval = (
        "" if counts["calib"] else " The interval is calibrated on the validation windows that also chose the model."
    )
    return (
        f"The series has {rows} rows: {counts['train']} windows of {run.spec.window.lookback} rows to learn from and "
        f"{counts['test']} to test on{apart}. So few can show a large skill, and no small one.{interval}"
    )
