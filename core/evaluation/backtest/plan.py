"""The plan of a walk-forward backtest: where the train, validation, calibration and test split of each fold lie."""

from dataclasses import dataclass
from itertools import pairwise

from core.datasets.split import MIN_WINDOWS, SPLITS
from core.errors import SpecError
from core.language import message
from core.spec import Split
from core.spec.fields import check, spec_field

WINDOWS = ("expanding", "rolling")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How often a model is retrained, on which steps of the series, and on which it is judged."""

    folds: int = spec_field(8, label="Folds", low=1, high=50, help="How often the model is retrained")
    window: str = spec_field(
        "expanding",
        label="Training window",
        choices=WINDOWS,
        help="Expanding: all steps before the fold. Rolling: the latest ones, always the same number",
    )
    stride: int | None = spec_field(
        None,
        label="Steps between folds",
        low=1,
        high=100_000,
        help="About 250 trading days are a year; empty: the folds divide the later half of the series",
    )
    test: int | None = spec_field(
        None,
        label="Forecasts per fold",
        low=1,
        high=100_000,
        help="Steps judged in each fold; empty: all until the next fold begins",
    )
    length: int | None = spec_field(
        None,
        label="Rolling length",
        low=20,
        high=100_000,
        help="Steps before the test split of a rolling fold; empty: as many as the first fold has",
    )
    val: float = spec_field(
        0.12,
        label="Validation share",
        low=0.01,
        high=0.5,
        help="Latest share of the steps before the test split; decides when training stops",
    )
    calib: float = spec_field(
        0.08,
        label="Calibration share",
        low=0.0,
        high=0.5,
        help="Of the first fold alone: it calibrates the first interval, which then follows the forecasts",
    )
    purge: int | None = spec_field(
        None,
        label="Purge",
        low=0,
        high=1000,
        help="Cutoffs left out between two splits; empty, and at least: the horizon",
    )
    embargo: int = spec_field(
        0, label="Embargo", low=0, high=1000, help="Cutoffs left out in addition to the purged ones"
    )

    def __post_init__(self) -> None:
        check(self, "plan")
        if self.val + self.calib >= 0.9:
            raise SpecError(
                message(
                    "plan.val ({val}) and plan.calib ({calib}) leave less than a tenth of the steps to learn from. "
                    "Make them smaller.",
                    val=f"{self.val:g}",
                    calib=f"{self.calib:g}",
                )
            )

    def gap(self, horizon: int) -> int:
        """Cutoffs left out between two splits: those whose label reaches into the later one, and the embargo."""
        return max(self.purge or 0, horizon) + self.embargo


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldLayout:
    """One fold, counted from 1: [first, end) of each split among all steps of the series.

    Labels of the last test cutoffs, and nothing else, reach into the first `horizon` − 1 steps that the next fold
    forecasts from.
    """

    number: int
    splits: dict[str, tuple[int, int]]
    gap: int

    @property
    def start(self) -> int:
        return self.splits["train"][0]

    @property
    def end(self) -> int:
        return self.splits["test"][1]

    def split(self, before: int = 0) -> Split:
        """The same splits for a series that begins `before` steps ahead of `start` and ends at `end`."""
        size = {name: end - start for name, (start, end) in self.splits.items()}
        return Split(
            train=size["train"] + before, val=size["val"], calib=size["calib"], test=size["test"], gap=self.gap
        )


def layout_folds(plan: Plan, steps: int, horizon: int) -> tuple[FoldLayout, ...]:
    """The folds of `plan` over so many steps, the last one ending with them; labels reach `horizon` ahead.

    Test splits are cut by cutoffs: each forecasts from `test` steps in a row, none of which another fold forecasts
    from. Purging by label end and the embargo after it follow López de Prado (2018, ch. 7); no training rows lie after
    a test split, so the embargo only widens the purged gap before it. Raises SpecError if the folds do not fit.
    """
    gap = plan.gap(horizon)
    if gap > 1000:
        raise SpecError(
            message(
                "plan.purge and plan.embargo leave out {gap} cutoffs between two splits; at most 1,000 can be. Make "
                "them smaller.",
                gap=gap,
            )
        )
    stride = plan.stride or max(1, (steps // 2 - horizon + 1) // plan.folds)
    count = plan.test or stride
    if count > stride:
        raise SpecError(
            message(
                "plan.test ({count}) is more than plan.stride ({stride}): two folds would forecast from the same "
                "steps. Set plan.test to at most {stride}, or plan.stride to at least {count}.",
                count=count,
                stride=stride,
            )
        )
    first = steps - (horizon - 1) - count - (plan.folds - 1) * stride
    _check_room(plan, first, count, stride, gap, steps, horizon)
    return tuple(_layout(plan, k, first, first + k * stride, count, gap, horizon) for k in range(plan.folds))


def _layout(plan: Plan, k: int, first: int, test: int, count: int, gap: int, horizon: int) -> FoldLayout:
    """Fold number k + 1, whose test split begins at step `test`; the first one's begins at `first`."""
    start = max(0, test - (plan.length or first)) if plan.window == "rolling" else 0
    val, calib = _held_out(plan, test - start, k == 0, gap)
    edges = (start, test - calib - val, test - calib, test, test + count + horizon - 1)
    return FoldLayout(number=k + 1, gap=gap, splits=dict(zip(SPLITS, pairwise(edges), strict=True)))


def _held_out(plan: Plan, before: int, first: bool, gap: int) -> tuple[int, int]:
    """Steps of the validation and of the calibration split among those before a test split: their shares, and of a
    short series what they need at least."""
    least = {name: MIN_WINDOWS[name] + gap + 1 for name in ("val", "calib")}
    calib = max(round(plan.calib * before), least["calib"]) if first and plan.calib else 0
    return max(round(plan.val * before), least["val"]), calib


def _check_room(plan: Plan, first: int, count: int, stride: int, gap: int, steps: int, horizon: int) -> None:
    if first < 1:
        raise SpecError(
            message(
                "{folds} folds of {count} forecasts, {stride} steps apart, take {taken} steps and the series has "
                "{steps}: nothing is left to learn from. Ask for fewer folds, make the steps between folds "
                "(plan.stride) smaller, or load more history.",
                folds=plan.folds,
                count=f"{count:,}",
                stride=f"{stride:,}",
                taken=f"{steps - first:,}",
                steps=f"{steps:,}",
            )
        )
    before = min(first, plan.length or first) if plan.window == "rolling" else first
    rows, needed = before - sum(_held_out(plan, before, True, gap)), MIN_WINDOWS["train"] + gap + 1
    if rows < needed:
        raise SpecError(
            message(
                "{folds} folds of {count} forecasts, {stride} steps apart, leave {rows} steps to learn from before "
                "the first one; at least {needed} are needed with a horizon of {horizon} and {gap} cutoffs left out. "
                "Ask for fewer folds, make the steps between folds (plan.stride) or the validation share (plan.val) "
                "smaller, or load more history.",
                folds=plan.folds,
                count=f"{count:,}",
                stride=f"{stride:,}",
                rows=max(rows, 0),
                needed=needed,
                horizon=horizon,
                gap=gap,
            )
        )
