"""Folds of a walk forward: where each model's train, validation, calibration and test parts lie among the sessions."""

from dataclasses import dataclass
from itertools import pairwise

from core.datasets.split import LEAST, PARTS
from core.errors import SpecError
from core.spec import Split
from core.spec.fields import check, spec_field

WINDOWS = ("expanding", "rolling")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How often a model is trained anew and what it is judged by; every number of sessions is a whole one."""

    folds: int = spec_field(8, label="Folds", low=1, high=50, help="How often the model is trained anew")
    window: str = spec_field(
        "expanding",
        label="Training window",
        choices=WINDOWS,
        help="Expanding: all sessions before the fold. Rolling: the latest ones, always as many",
    )
    stride: int | None = spec_field(
        None,
        label="Sessions between folds",
        low=1,
        high=100_000,
        help="About 250 are a trading year; empty: the later half of the series, shared out",
    )
    test: int | None = spec_field(
        None,
        label="Forecasts of a fold",
        low=1,
        high=100_000,
        help="Sessions judged in each fold; empty: all until the next fold begins",
    )
    length: int | None = spec_field(
        None,
        label="Rolling length",
        low=20,
        high=100_000,
        help="Sessions before the test part of a rolling fold; empty: as many as the first has",
    )
    val: float = spec_field(
        0.12,
        label="Validation share",
        low=0.01,
        high=0.5,
        help="Latest share of the sessions before the test part; decides when to stop",
    )
    calib: float = spec_field(
        0.08,
        label="Calibration share",
        low=0.0,
        high=0.5,
        help="Of the first fold alone: it starts the band, which then follows the forecasts",
    )
    purge: int | None = spec_field(
        None,
        label="Purge",
        low=0,
        high=1000,
        help="Cutoffs left out between two parts; empty, and at least: the horizon",
    )
    embargo: int = spec_field(0, label="Embargo", low=0, high=1000, help="Cutoffs left out beyond the purged ones")

    def __post_init__(self) -> None:
        check(self, "plan")
        if self.val + self.calib >= 0.9:
            raise SpecError(
                f"plan.val ({self.val:g}) and plan.calib ({self.calib:g}) leave less than a tenth of the "
                "sessions to learn from. Make them smaller."
            )

    def gap(self, horizon: int) -> int:
        """Cutoffs left out between two parts: those whose label reaches into the later one, and the embargo."""
        return max(self.purge or 0, horizon) + self.embargo


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One fold, counted from 1: [first, end) of each part among all sessions; labels of the last test cutoffs, and
    nothing else, lie up to `horizon` − 1 sessions behind those that the next fold may forecast from."""

    number: int
    parts: dict[str, tuple[int, int]]
    gap: int

    @property
    def start(self) -> int:
        return self.parts["train"][0]

    @property
    def end(self) -> int:
        return self.parts["test"][1]

    def split(self, before: int = 0) -> Split:
        """The same parts as a split of the sessions from `before` ahead of `start` up to `end`."""
        size = {part: end - start for part, (start, end) in self.parts.items()}
        return Split(
            train=size["train"] + before, val=size["val"], calib=size["calib"], test=size["test"], gap=self.gap
        )


def lay(plan: Plan, sessions: int, horizon: int) -> tuple[Layout, ...]:
    """The folds of `plan` over so many sessions, the last one ending with them; windows reach `horizon` ahead.

    Test parts are cut by cutoffs: each forecasts from `test` sessions in a row, none of which another fold forecasts
    from. Purging by label end and the embargo after it follow López de Prado (2018, ch. 7); no training rows lie after
    a test part, so the embargo only widens the purged gap before it. Raises SpecError where the folds do not fit.
    """
    gap = plan.gap(horizon)
    if gap > 1000:
        raise SpecError(
            f"plan.purge and plan.embargo leave out {gap} cutoffs between two parts; at most 1,000 can be. "
            "Make them smaller."
        )
    stride = plan.stride or max(1, (sessions // 2 - horizon + 1) // plan.folds)
    count = plan.test or stride
    if count > stride:
        raise SpecError(
            f"plan.test ({count}) is more than plan.stride ({stride}): two folds would forecast from the "
            f"same sessions. Set plan.test to at most {stride}, or plan.stride to at least {count}."
        )
    first = sessions - (horizon - 1) - count - (plan.folds - 1) * stride
    _check_room(plan, first, count, stride, gap, sessions, horizon)
    return tuple(_layout(plan, k, first, first + k * stride, count, gap, horizon) for k in range(plan.folds))


def _layout(plan: Plan, k: int, first: int, at: int, count: int, gap: int, horizon: int) -> Layout:
    """Fold number k + 1, whose test part begins at session `at`; the first one's begins at `first`."""
    start = max(0, at - (plan.length or first)) if plan.window == "rolling" else 0
    val, calib = _held_out(plan, at - start, k == 0)
    edge = (start, at - calib - val, at - calib, at, at + count + horizon - 1)
    return Layout(number=k + 1, gap=gap, parts=dict(zip(PARTS, pairwise(edge), strict=True)))


def _held_out(plan: Plan, before: int, first: bool) -> tuple[int, int]:
    """Sessions of the validation and of the calibration part among those before a test part."""
    return round(plan.val * before), round(plan.calib * before) if first else 0


def _check_room(plan: Plan, first: int, count: int, stride: int, gap: int, sessions: int, horizon: int) -> None:
    asked = f"{plan.folds} folds of {count:,} forecasts, {stride:,} sessions apart,"
    if first < 1:
        raise SpecError(
            f"{asked} take {sessions - first:,} sessions and the series has {sessions:,}: nothing is left "
            "to learn from. Ask for fewer folds, make plan.stride smaller, or load more history."
        )
    before = min(first, plan.length or first) if plan.window == "rolling" else first
    val, calib = _held_out(plan, before, True)
    size = {"train": before - val - calib, "val": val, "calib": calib}
    for part, rows in size.items():
        needed = LEAST[part] + gap + 1
        if rows < needed and (part != "calib" or calib):
            raise SpecError(
                f"{asked} leave {rows} sessions to the {part} part of the first one; at least {needed} are "
                f"needed with a horizon of {horizon} and {gap} cutoffs left out. Ask for fewer folds, make "
                f"plan.stride smaller, plan.{part if part != 'train' else 'val'} "
                f"{'larger' if part != 'train' else 'smaller'}, or load more history."
            )
