"""The parts of a recipe: data, target, window, split, model, training, baselines and error band."""

from dataclasses import dataclass

from core.spec.fields import knob

TARGETS = ("close", "mean_close", "log_return", "direction", "volatility", "max_drawdown", "column")
LEVELS = ("close", "mean_close", "column")  # targets that are levels, or means of levels
RECURRENT = ("lstm", "gru", "rnn")
MODELS = (*RECURRENT, "transformer", "segment", "nlinear", "dlinear")
SHORT = (*RECURRENT, "transformer")  # models that take windows shorter than the lookback
QUANTILES = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
PARTS = ("data", "target", "window", "split", "model", "train", "baselines", "bands")
BANDS = ("auto", "cqr", "split", "historical", "gaussian", "garch", "garch_conformal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    source: str = knob("sample", label="Source", choices=("sample", "yahoo", "file"))
    symbols: tuple[str, ...] = knob(("SP500",), label="Symbols", help="Tickers, or names of bundled samples")
    start: str | None = knob(None, label="From", help="First day used, YYYY-MM-DD")
    end: str | None = knob(None, label="Until", help="Last day used, YYYY-MM-DD")
    interval: str = knob("1d", label="Interval", choices=("1d", "1wk", "1h"))
    join: tuple[str, ...] = knob(
        (), label="Joined series", help="Other series as of when they were known: SOURCE:NAME#COLUMN@DAYS of lag"
    )
    known: tuple[str, ...] = knob((), label="Known ahead", help="Columns whose values are known in the future")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    kind: str = knob("volatility", label="Forecast", choices=TARGETS, help="What the model learns to predict")
    column: str | None = knob(None, label="Column", help="The series behind the target; close where there is one")
    horizon: int = knob(5, label="Horizon", low=1, high=720, help="Sessions ahead")
    dead_zone: float = knob(
        0.0,
        label="Dead zone",
        low=0.0,
        high=0.5,
        help="Direction alone: moves by less than this share are neither learned nor scored",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    lookback: int = knob(60, label="Window length", low=2, high=1000, help="Sessions that the model sees")
    shortest: int | None = knob(
        None,
        label="Shortest window",
        low=2,
        high=1000,
        help="Train also on the first windows of a series, from this many rows on; empty, or "
        "the window length: whole windows alone",
    )
    scaling: str = knob(
        "standard",
        label="Scaling",
        choices=("standard", "robust", "minmax", "none"),
        help="Fitted on training rows only",
    )
    log: bool = knob(False, label="Log scale", help="Learn levels and raw columns as logs; they must be above zero")
    outliers: str = knob(
        "none",
        label="Outliers",
        choices=("none", "winsorize"),
        help="Inputs as they are, or clipped at the 0.5 % and 99.5 % quantiles of the training rows",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Each part is a fraction below 1, a whole number of rows, or the ISO date of its last day."""

    train: float | int | str = knob(0.65, label="Training part", low=0)
    val: float | int | str = knob(0.10, label="Validation part", low=0, help="Decides when to stop")
    calib: float | int | str = knob(0.05, label="Calibration part", low=0, help="Sets the width of the error band")
    test: float | int | str = knob(0.20, label="Test part", low=0, help="Read once, for the verdict")
    gap: int | None = knob(
        None, label="Gap", low=0, high=1000, help="Cutoffs left out between two parts; never less than the horizon"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What the network is. Each kind heeds some of these fields (core.models.registry.KINDS) and ignores the others."""

    kind: str = knob("lstm", label="Model", choices=MODELS)
    hidden: int = knob(64, label="Hidden size", low=1, high=1024, scale="log", help="Units in each layer")
    layers: int = knob(1, label="Layers", low=1, high=6)
    dropout: float = knob(0.2, label="Dropout", low=0.0, high=0.9, help="Share of units silenced in training")
    bidirectional: bool = knob(False, label="Both directions", help="Read the window backwards too")
    pooling: str = knob(
        "last",
        label="Read-out",
        choices=("last", "mean", "attention"),
        help="Last state, mean of all states, or their average by learned attention",
    )
    between: str = knob(
        "none", label="Normalisation of states", choices=("none", "layer", "batch"), help="After each layer"
    )
    residual: bool = knob(False, label="Residual", help="Each further layer adds to the states of the one before")
    heads: int = knob(4, label="Attention heads", low=1, high=16, help="The hidden size must be a multiple of them")
    segment: int = knob(12, label="Segment", low=1, high=200, help="Rows that are read, and steps forecast, at once")
    norm: str = knob(
        "last",
        label="Level",
        choices=("last", "reversible", "none"),
        help="Of targets that are levels: forecast the change from the last value; the same with each "
        "window in units of its own spread; or the bare level",
    )
    head: str = knob(
        "quantiles",
        label="Head",
        choices=("quantiles", "point", "gaussian"),
        help="Seven quantiles, one number, or mean and spread; a direction has its probability",
    )
    symbols: str = knob(
        "shared",
        label="Symbols",
        choices=("shared", "embedded", "separate"),
        help="One model that cannot tell its symbols apart, or learns a few numbers about each; or one model each",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Train:
    epochs: int = knob(40, label="Epochs", low=1, high=2000, help="Rounds between two looks at the validation part")
    batch_size: int = knob(64, label="Batch size", low=1, high=8192, scale="log", help="Windows in one step")
    learning_rate: float = knob(1e-3, label="Learning rate", low=1e-6, high=1.0, scale="log")
    tied: bool = knob(
        False, label="Tie to the batch", help="Multiply the learning rate by batch size / 64 (linear scaling rule)"
    )
    weight_decay: float = knob(1e-2, label="Weight decay", low=0.0, high=1.0)
    optimizer: str = knob("adamw", label="Optimiser", choices=("adamw", "adam", "sgd", "rmsprop"))
    schedule: str = knob(
        "plateau",
        label="Schedule",
        choices=("plateau", "cosine", "one_cycle", "constant"),
        help="How the learning rate moves from epoch to epoch",
    )
    warmup: int = knob(0, label="Warm-up", low=0, high=100, help="Epochs in which the learning rate rises from zero")
    loss: str = knob(
        "auto",
        label="Loss",
        choices=("auto", "mse", "mae", "huber"),
        help="Of a single forecast; other heads have a loss of their own",
    )
    class_weights: bool = knob(False, label="Weigh classes", help="Direction alone: up and down count the same")
    clip_norm: float = knob(1.0, label="Gradient clipping", low=1e-3, high=1e3, scale="log")
    patience: int = knob(6, label="Patience", low=1, high=500, help="Epochs without improvement before stopping")
    supervision: str = knob(
        "auto",
        label="Supervision",
        choices=("auto", "every_step", "window"),
        help="Where the loss is taken; every step learns the same model sooner",
    )
    ensemble: int = knob(1, label="Networks", low=1, high=16, help="From different seeds; free workers help")
    device: str = knob("auto", label="Device", choices=("auto", "cpu", "cuda", "mps"))
    precision: str = knob(
        "auto",
        label="Precision",
        choices=("auto", "float32", "bf16"),
        help="Of training; validation and forecasts are in float32",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Baselines:
    slow: bool = knob(False, label="Slow baselines", help="ARIMA and LightGBM too; the others always take part")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    coverage: float = knob(0.90, label="Band", low=0.5, high=0.95, help="Share of outcomes that the band should hold")
    method: str = knob(
        "auto",
        label="Method",
        choices=BANDS,
        help="Rolling conformal quantile regression, adaptive one step ahead; or another way to draw it",
    )
    joint: bool = knob(False, label="Whole path", help="Of paths: hold all steps at once, not each its share")
    window: int = knob(500, label="Calibration memory", low=50, high=5000, help="Latest scores that set the width")
