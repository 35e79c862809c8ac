"""The frozen description of a run. Together with the digest of its data it determines every number of the run."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, get_type_hints

from core.errors import SpecError
from core.knobs import check, coerce, knob, parse

TARGETS = ("close", "mean_close", "log_return", "direction", "volatility", "max_drawdown", "column")
QUANTILES = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    source: str = knob("sample", label="Source", choices=("sample", "yahoo", "file"))
    symbols: tuple[str, ...] = knob(("SP500",), label="Symbols", help="Tickers, or names of bundled samples")
    start: str | None = knob(None, label="From", help="First day used, YYYY-MM-DD")
    end: str | None = knob(None, label="Until", help="Last day used, YYYY-MM-DD")
    interval: str = knob("1d", label="Interval", choices=("1d", "1wk", "1h"))
    join: tuple[str, ...] = knob((), label="Joined series",
                                 help="Other series as of when they were known: SOURCE:NAME#COLUMN@DAYS of lag")
    known: tuple[str, ...] = knob((), label="Known ahead", help="Columns whose values are known in the future")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    kind: str = knob("volatility", label="Forecast", choices=TARGETS, help="What the model learns to predict")
    column: str | None = knob(None, label="Column", help="The series behind the target; close where there is one")
    horizon: int = knob(5, label="Horizon", low=1, high=720, help="Sessions ahead")
    dead_zone: float = knob(0.0, label="Dead zone", low=0.0, high=0.5,
                            help="Direction alone: moves by less than this share are neither learned nor scored")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    lookback: int = knob(60, label="Window length", low=2, high=1000, help="Sessions that the model sees")
    scaling: str = knob("standard", label="Scaling", choices=("standard", "robust", "minmax", "none"),
                        help="Fitted on training rows only")
    log: bool = knob(False, label="Log scale", help="Learn levels and raw columns as logs; they must be above zero")
    outliers: str = knob("none", label="Outliers", choices=("none", "winsorize"),
                         help="Inputs as they are, or clipped at the 0.5 % and 99.5 % quantiles of the training rows")


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Each part is a fraction below 1, a whole number of rows, or the ISO date of its last day."""

    train: float | int | str = knob(0.65, label="Training part", low=0)
    val: float | int | str = knob(0.10, label="Validation part", low=0, help="Decides when to stop")
    calib: float | int | str = knob(0.05, label="Calibration part", low=0, help="Sets the width of the error band")
    test: float | int | str = knob(0.20, label="Test part", low=0, help="Read once, for the verdict")
    gap: int | None = knob(None, label="Gap", low=0, high=1000,
                           help="Cutoffs left out between two parts; never less than the horizon")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    kind: str = knob("lstm", label="Model", choices=("lstm", "gru", "rnn"))
    hidden: int = knob(64, label="Hidden size", low=1, high=1024, scale="log", help="Units in each layer")
    layers: int = knob(1, label="Layers", low=1, high=6)
    dropout: float = knob(0.2, label="Dropout", low=0.0, high=0.9, help="Share of units silenced in training")
    pooling: str = knob("last", label="Read-out", choices=("last", "mean"), help="Last state, or mean of all states")
    norm: str = knob("last", label="Level", choices=("last", "none"),
                     help="Forecast the change from the last value, or the bare level, of targets that are levels")


@dataclass(frozen=True, slots=True, kw_only=True)
class Train:
    epochs: int = knob(40, label="Epochs", low=1, high=2000)
    batch_size: int = knob(64, label="Batch size", low=1, high=8192, scale="log", help="Targets in one step")
    learning_rate: float = knob(1e-3, label="Learning rate", low=1e-6, high=1.0, scale="log")
    weight_decay: float = knob(1e-2, label="Weight decay", low=0.0, high=1.0)
    schedule: str = knob("plateau", label="Schedule", choices=("plateau", "constant"))
    clip_norm: float = knob(1.0, label="Gradient clipping", low=1e-3, high=1e3, scale="log")
    patience: int = knob(6, label="Patience", low=1, high=500, help="Epochs without improvement before stopping")
    supervision: str = knob("every_step", label="Supervision", choices=("every_step", "window"),
                            help="Where the loss is taken; every step learns the same model sooner")
    device: str = knob("auto", label="Device", choices=("auto", "cpu", "cuda", "mps"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    coverage: float = knob(0.90, label="Band", low=0.5, high=0.9, help="Share of outcomes that the band should hold")
    window: int = knob(500, label="Calibration memory", low=50, high=5000, help="Latest scores that set the width")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """The recipe of a run. Empty `features` means the defaults of the target (core.features.defaults)."""

    data: Data = field(default_factory=Data)
    target: Target = field(default_factory=Target)
    features: tuple[str, ...] = knob((), label="Features", help="name:parameter, e.g. rsi:14")
    window: Window = field(default_factory=Window)
    split: Split = field(default_factory=Split)
    model: Model = field(default_factory=Model)
    train: Train = field(default_factory=Train)
    bands: Bands = field(default_factory=Bands)
    seed: int = knob(0, label="Seed", low=0, high=2**31 - 1)

    def __post_init__(self) -> None:
        for name in PARTS:
            check(getattr(self, name), name)
        check(self, "recipe")
        if not self.data.symbols:
            raise SpecError("data.symbols is empty. Name at least one symbol.")
        if self.target.kind == "column" and self.target.column is None:
            raise SpecError("The target 'column' needs target.column. Name the column to forecast.")
        if self.model.pooling == "mean" and self.train.supervision == "every_step":
            raise SpecError("The mean read-out cannot be supervised at every step: its mean would reach back beyond "
                            "the window. Set train.supervision to window, or model.pooling to last.")

    @property
    def id(self) -> str:
        """Twelve hex digits that name this recipe."""
        return hashlib.sha256(to_json(self).encode()).hexdigest()[:12]


PARTS = ("data", "target", "window", "split", "model", "train", "bands")


def to_dict(spec: Spec) -> dict[str, Any]:
    """The recipe as plain JSON values."""
    return json.loads(json.dumps(dataclasses.asdict(spec)))


def to_json(spec: Spec) -> str:
    """The recipe as canonical JSON: the same recipe gives the same text."""
    return json.dumps(dataclasses.asdict(spec), sort_keys=True, indent=1)


def from_dict(values: dict[str, Any]) -> Spec:
    """The recipe that `values` (parsed JSON) describes; missing entries take their defaults.

    Raises SpecError for an unknown entry, a wrong type or a value out of range.
    """
    return _build(Spec, values, "recipe")


def with_values(spec: Spec, assignments: dict[str, Any]) -> Spec:
    """`spec` with dotted paths set: {"model.hidden": 32}. Raises SpecError for an unknown path or a bad value."""
    values = to_dict(spec)
    for path, value in assignments.items():
        *parents, leaf = path.split(".")
        at: Any = values
        for parent in parents:
            at = at.get(parent) if isinstance(at, dict) else None
        if not isinstance(at, dict) or leaf not in at or isinstance(at[leaf], dict):
            raise SpecError(f"There is no {path!r} in the recipe. Known: {', '.join(paths())}.")
        at[leaf] = value
    return from_dict(values)


def assign(spec: Spec, texts: list[str]) -> Spec:
    """`spec` with `path=value` texts of a command line applied, lists separated by commas."""
    hints = dict(_leaves(Spec, ""))
    assignments: dict[str, Any] = {}
    for text in texts:
        path, equals, value = text.partition("=")
        if not equals or path not in hints:
            raise SpecError(f"{text!r} is not a setting. Write path=value with one of: {', '.join(hints)}.")
        assignments[path] = parse(value, hints[path], path)
    return with_values(spec, assignments)


def paths() -> list[str]:
    """Every dotted path of a recipe."""
    return [path for path, _ in _leaves(Spec, "")]


def _leaves(cls: Any, prefix: str) -> list[tuple[str, Any]]:
    hints = get_type_hints(cls)
    found: list[tuple[str, Any]] = []
    for f in dataclasses.fields(cls):
        hint = hints[f.name]
        found += _leaves(hint, f"{prefix}{f.name}.") if dataclasses.is_dataclass(hint) else [(prefix + f.name, hint)]
    return found


def _build(cls: Any, values: Any, path: str) -> Any:
    if not isinstance(values, dict):
        raise SpecError(f"{path} takes an object with named entries; got {type(values).__name__}.")
    hints = get_type_hints(cls)
    unknown = sorted(set(values) - set(hints))
    if unknown:
        raise SpecError(f"{path} has no entry {unknown[0]!r}. Known: {', '.join(hints)}.")
    made = {}
    for name, value in values.items():
        hint = hints[name]
        made[name] = _build(hint, value, name) if dataclasses.is_dataclass(hint) else coerce(value, hint)
    return cls(**made)
