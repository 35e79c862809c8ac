"""The frozen description of a run. Together with the digest of its data it determines every number of the run."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, get_type_hints

from core import fit
from core.errors import SpecError
from core.knobs import check, coerce, knob, parse

TARGETS = ("close", "mean_close", "log_return", "direction", "volatility", "max_drawdown", "column")
LEVELS = ("close", "mean_close", "column")  # targets that are levels, or means of levels
RECURRENT = ("lstm", "gru", "rnn")
MODELS = (*RECURRENT, "transformer", "segment", "nlinear", "dlinear")
SHORT = (*RECURRENT, "transformer")  # models that take windows shorter than the lookback
QUANTILES = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
BANDS = ("auto", "cqr", "split", "historical", "gaussian", "garch", "garch_conformal")


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
    shortest: int | None = knob(None, label="Shortest window", low=2, high=1000,
                                help="Train also on the first windows of a series, from this many rows on; empty, or "
                                     "the window length: whole windows alone")
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
    """What the network is. Each kind heeds some of these fields (core.models.registry.KINDS) and ignores the others."""

    kind: str = knob("lstm", label="Model", choices=MODELS)
    hidden: int = knob(64, label="Hidden size", low=1, high=1024, scale="log", help="Units in each layer")
    layers: int = knob(1, label="Layers", low=1, high=6)
    dropout: float = knob(0.2, label="Dropout", low=0.0, high=0.9, help="Share of units silenced in training")
    bidirectional: bool = knob(False, label="Both directions", help="Read the window backwards too")
    pooling: str = knob("last", label="Read-out", choices=("last", "mean", "attention"),
                        help="Last state, mean of all states, or their average by learned attention")
    between: str = knob("none", label="Normalisation of states", choices=("none", "layer", "batch"),
                        help="After each layer")
    residual: bool = knob(False, label="Residual", help="Each further layer adds to the states of the one before")
    heads: int = knob(4, label="Attention heads", low=1, high=16, help="The hidden size must be a multiple of them")
    segment: int = knob(12, label="Segment", low=1, high=200, help="Rows that are read, and steps forecast, at once")
    norm: str = knob("last", label="Level", choices=("last", "reversible", "none"),
                     help="Of targets that are levels: forecast the change from the last value; the same with each "
                          "window in units of its own spread; or the bare level")
    head: str = knob("quantiles", label="Head", choices=("quantiles", "point", "gaussian"),
                     help="Seven quantiles, one number, or mean and spread; a direction has its probability")
    symbols: str = knob("shared", label="Symbols", choices=("shared", "embedded", "separate"),
                        help="One model that cannot tell its symbols apart, or learns a few numbers about each; or one "
                             "model each")


@dataclass(frozen=True, slots=True, kw_only=True)
class Train:
    epochs: int = knob(40, label="Epochs", low=1, high=2000, help="Rounds between two looks at the validation part")
    batch_size: int = knob(64, label="Batch size", low=1, high=8192, scale="log", help="Windows in one step")
    learning_rate: float = knob(1e-3, label="Learning rate", low=1e-6, high=1.0, scale="log")
    tied: bool = knob(False, label="Tie to the batch",
                      help="Multiply the learning rate by batch size / 64 (linear scaling rule)")
    weight_decay: float = knob(1e-2, label="Weight decay", low=0.0, high=1.0)
    optimizer: str = knob("adamw", label="Optimiser", choices=("adamw", "adam", "sgd", "rmsprop"))
    schedule: str = knob("plateau", label="Schedule", choices=("plateau", "cosine", "one_cycle", "constant"),
                         help="How the learning rate moves from epoch to epoch")
    warmup: int = knob(0, label="Warm-up", low=0, high=100, help="Epochs in which the learning rate rises from zero")
    loss: str = knob("auto", label="Loss", choices=("auto", "mse", "mae", "huber"),
                     help="Of a single forecast; other heads have a loss of their own")
    class_weights: bool = knob(False, label="Weigh classes", help="Direction alone: up and down count the same")
    clip_norm: float = knob(1.0, label="Gradient clipping", low=1e-3, high=1e3, scale="log")
    patience: int = knob(6, label="Patience", low=1, high=500, help="Epochs without improvement before stopping")
    supervision: str = knob("auto", label="Supervision", choices=("auto", "every_step", "window"),
                            help="Where the loss is taken; every step learns the same model sooner")
    ensemble: int = knob(1, label="Networks", low=1, high=16, help="From different seeds; free workers help")
    device: str = knob("auto", label="Device", choices=("auto", "cpu", "cuda", "mps"))
    precision: str = knob("auto", label="Precision", choices=("auto", "float32", "bf16"),
                          help="Of training; validation and forecasts are in float32")


@dataclass(frozen=True, slots=True, kw_only=True)
class Baselines:
    slow: bool = knob(False, label="Slow baselines", help="ARIMA and LightGBM too; the others always take part")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    coverage: float = knob(0.90, label="Band", low=0.5, high=0.95, help="Share of outcomes that the band should hold")
    method: str = knob("auto", label="Method", choices=BANDS,
                       help="Rolling conformal quantile regression, adaptive one step ahead; or another way to draw it")
    joint: bool = knob(False, label="Whole path", help="Of paths: hold all steps at once, not each its share")
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
    baselines: Baselines = field(default_factory=Baselines)
    bands: Bands = field(default_factory=Bands)
    seed: int = knob(0, label="Seed", low=0, high=2**31 - 1)
    override: bool = knob(False, label="Train although a feature looks ahead", help="The verdict is then never good")

    def __post_init__(self) -> None:
        for name in PARTS:
            check(getattr(self, name), name)
        check(self, "recipe")
        if not self.data.symbols:
            raise SpecError("data.symbols is empty. Name at least one symbol.")
        if self.target.kind == "column" and self.target.column is None:
            raise SpecError("The target 'column' needs target.column. Name the column to forecast.")
        _check_model(self)
        _check_shortest(self)
        fit.check_train(self.train.loss, self.train.class_weights, self.target.kind, self.model.head)
        fit.check_bands(self.bands.method, self.bands.joint, self.target.kind, self.model.head)

    @property
    def id(self) -> str:
        """Twelve hex digits that name this recipe."""
        return hashlib.sha256(to_json(self).encode()).hexdigest()[:12]


def every_step(spec: Spec) -> bool:
    """Whether the loss can be taken at every step of a chunk: the state at a row must not depend on what follows; on
    where the chunk begins only by a few rows more or less of context, or of what its level is measured from."""
    return _windows_only(spec) is None


def _windows_only(spec: Spec) -> tuple[str, str] | None:
    """What keeps a model from being supervised at every step, and the setting that lifts it, if anything does."""
    model = spec.model
    if model.kind not in RECURRENT:
        return f"The {model.kind} model", "model.kind to lstm, gru or rnn"
    if model.bidirectional:
        return "A model that reads in both directions", "model.bidirectional to false"
    if model.pooling != "last":
        return f"The {model.pooling} read-out", "model.pooling to last"
    if model.norm == "reversible" and spec.window.shortest is not None:
        return "Reversible normalisation of short windows", "window.shortest to none"
    return None


def _check_model(spec: Spec) -> None:
    """Raise SpecError for settings of the model that do not fit together, or not with the rest of the recipe."""
    m, column = spec.model, spec.target.column
    found = _windows_only(spec)
    if found and spec.train.supervision == "every_step":
        raise SpecError(f"{found[0]} cannot be supervised at every step: it is about one whole window, and a chunk "
                        f"holds many. Set train.supervision to window, or {found[1]}.")
    if m.kind == "transformer" and m.hidden % m.heads:
        raise SpecError(f"model.hidden ({m.hidden}) is not a multiple of model.heads ({m.heads}). Set model.hidden to "
                        f"{m.heads * max(1, round(m.hidden / m.heads))}, or model.heads to 1.")
    if m.kind == "segment" and m.segment > spec.window.lookback:
        raise SpecError(f"model.segment ({m.segment}) is longer than the window ({spec.window.lookback} rows). Set it "
                        f"to at most {spec.window.lookback}, or lengthen window.lookback.")
    if m.kind in RECURRENT and m.between == "batch" and spec.train.batch_size == 1:
        raise SpecError("Batch normalisation compares the windows of a batch, and train.batch_size is 1. Set it to at "
                        "least 2 (better 32), or model.between to layer.")
    if m.norm != "reversible":
        return
    if spec.target.kind not in LEVELS:
        raise SpecError(f"Reversible normalisation gives a window's level back to the forecast, and the target "
                        f"{spec.target.kind} is no level. Set model.norm to last, or target.kind to one of "
                        f"{', '.join(LEVELS)}.")
    if column is not None and spec.features and f"column:{column}" not in spec.features:
        raise SpecError(f"Reversible normalisation takes the spread of the target in each window, and {column!r} is "
                        f"not among the inputs. Add column:{column} to features, or set model.norm to last.")


def _check_shortest(spec: Spec) -> None:
    """Raise SpecError where short windows are asked for that there cannot be, or that the model does not take."""
    shortest, lookback, kind = spec.window.shortest, spec.window.lookback, spec.model.kind
    if shortest is not None and shortest > lookback:
        raise SpecError(f"window.shortest ({shortest}) is longer than the window ({lookback} rows). Set it to at most "
                        f"{lookback}, or lengthen window.lookback.")
    if shortest is not None and kind not in SHORT:
        raise SpecError(f"A {kind} model needs whole windows, and window.shortest lets those of {shortest} rows take "
                        f"part. Set window.shortest to none, or model.kind to one of {', '.join(SHORT)}.")


PARTS = ("data", "target", "window", "split", "model", "train", "baselines", "bands")


def to_dict(spec: Spec) -> dict[str, Any]:
    """The recipe as plain JSON values."""
    return json.loads(json.dumps(dataclasses.asdict(spec)))


def to_json(spec: Spec) -> str:
    """The recipe as canonical JSON: the same recipe gives the same text."""
    return json.dumps(dataclasses.asdict(spec), sort_keys=True, indent=1)


def from_dict(values: dict[str, Any]) -> Spec:
    """The recipe that `values` (parsed JSON) describes; missing entries take their defaults. Raises SpecError for an
    unknown entry, a wrong type or a value out of range."""
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
    return cls(**{name: _build(hints[name], value, name) if dataclasses.is_dataclass(hints[name])
                  else coerce(value, hints[name]) for name, value in values.items()})
