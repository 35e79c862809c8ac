"""The parts of a recipe: data, target, window, split, model, training, baselines and error band."""

from dataclasses import dataclass

from core.spec.fields import spec_field

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
    source: str = spec_field("sample", label="Source", choices=("sample", "yahoo", "file"))
    symbols: tuple[str, ...] = spec_field(("SP500",), label="Symbols", help="Tickers, or names of bundled samples")
    start: str | None = spec_field(None, label="From", help="First day used, YYYY-MM-DD")
    end: str | None = spec_field(None, label="Until", help="Last day used, YYYY-MM-DD")
    interval: str = spec_field("1d", label="Interval", choices=("1d", "1wk", "1h"))
    join: tuple[str, ...] = spec_field(
        (), label="Joined series", help="Other series as of when they were known: SOURCE:NAME#COLUMN@DAYS of lag"
    )
    known_future: tuple[str, ...] = spec_field(
        (), label="Known ahead", help="Columns whose values are known in the future"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    kind: str = spec_field("volatility", label="Forecast", choices=TARGETS, help="What the model learns to predict")
    column: str | None = spec_field(None, label="Column", help="The series behind the target; close where there is one")
    horizon: int = spec_field(5, label="Horizon", low=1, high=720, help="Sessions ahead")
    dead_zone: float = spec_field(
        0.0,
        label="Dead zone",
        low=0.0,
        high=0.5,
        help="Direction alone: moves by less than this share are neither learned nor scored",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    lookback: int = spec_field(60, label="Window length", low=2, high=1000, help="Sessions that the model sees")
    min_length: int | None = spec_field(
        None,
        label="Shortest window",
        low=2,
        high=1000,
        help="Train also on the first windows of a series, from this many rows on; empty, or "
        "the window length: whole windows alone",
    )
    scaling: str = spec_field(
        "standard",
        label="Scaling",
        choices=("standard", "robust", "minmax", "none"),
        help="Fitted on training rows only",
    )
    log: bool = spec_field(
        False, label="Log scale", help="Learn levels and raw columns as logs; they must be above zero"
    )
    outliers: str = spec_field(
        "none",
        label="Outliers",
        choices=("none", "winsorize"),
        help="Inputs as they are, or clipped at the 0.5 % and 99.5 % quantiles of the training rows",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Each part is a fraction below 1, a whole number of rows, or the ISO date of its last day."""

    train: float | int | str = spec_field(0.65, label="Training part", low=0)
    val: float | int | str = spec_field(0.10, label="Validation part", low=0, help="Decides when to stop")
    calib: float | int | str = spec_field(
        0.05, label="Calibration part", low=0, help="Sets the width of the error band"
    )
    test: float | int | str = spec_field(0.20, label="Test part", low=0, help="Read once, for the verdict")
    gap: int | None = spec_field(
        None, label="Gap", low=0, high=1000, help="Cutoffs left out between two parts; never less than the horizon"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What the network is. Each kind heeds some of these fields (core.models.registry.KINDS) and ignores the others."""

    kind: str = spec_field("lstm", label="Model", choices=MODELS)
    hidden: int = spec_field(64, label="Hidden size", low=1, high=1024, scale="log", help="Units in each layer")
    layers: int = spec_field(1, label="Layers", low=1, high=6)
    dropout: float = spec_field(0.2, label="Dropout", low=0.0, high=0.9, help="Share of units silenced in training")
    bidirectional: bool = spec_field(False, label="Both directions", help="Read the window backwards too")
    pooling: str = spec_field(
        "last",
        label="Read-out",
        choices=("last", "mean", "attention"),
        help="Last state, mean of all states, or their average by learned attention",
    )
    norm_layer: str = spec_field(
        "none", label="Normalisation of states", choices=("none", "layer", "batch"), help="After each layer"
    )
    residual: bool = spec_field(False, label="Residual", help="Each further layer adds to the states of the one before")
    heads: int = spec_field(
        4, label="Attention heads", low=1, high=16, help="The hidden size must be a multiple of them"
    )
    segment: int = spec_field(
        12, label="Segment", low=1, high=200, help="Rows that are read, and steps forecast, at once"
    )
    norm: str = spec_field(
        "last",
        label="Level",
        choices=("last", "reversible", "none"),
        help="Of targets that are levels: forecast the change from the last value; the same with each "
        "window in units of its own spread; or the bare level",
    )
    head: str = spec_field(
        "quantiles",
        label="Head",
        choices=("quantiles", "point", "gaussian"),
        help="Seven quantiles, one number, or mean and spread; a direction has its probability",
    )
    symbols: str = spec_field(
        "shared",
        label="Symbols",
        choices=("shared", "embedded", "separate"),
        help="One model that cannot tell its symbols apart, or learns a few numbers about each; or one model each",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Train:
    epochs: int = spec_field(
        40, label="Epochs", low=1, high=2000, help="Rounds between two looks at the validation part"
    )
    batch_size: int = spec_field(64, label="Batch size", low=1, high=8192, scale="log", help="Windows in one step")
    learning_rate: float = spec_field(1e-3, label="Learning rate", low=1e-6, high=1.0, scale="log")
    scale_learning_rate: bool = spec_field(
        False, label="Tie to the batch", help="Multiply the learning rate by batch size / 64 (linear scaling rule)"
    )
    weight_decay: float = spec_field(1e-2, label="Weight decay", low=0.0, high=1.0)
    optimizer: str = spec_field("adamw", label="Optimiser", choices=("adamw", "adam", "sgd", "rmsprop"))
    schedule: str = spec_field(
        "plateau",
        label="Schedule",
        choices=("plateau", "cosine", "one_cycle", "constant"),
        help="How the learning rate moves from epoch to epoch",
    )
    warmup: int = spec_field(
        0, label="Warm-up", low=0, high=100, help="Epochs in which the learning rate rises from zero"
    )
    loss: str = spec_field(
        "auto",
        label="Loss",
        choices=("auto", "mse", "mae", "huber"),
        help="Of a single forecast; other heads have a loss of their own",
    )
    class_weights: bool = spec_field(False, label="Weigh classes", help="Direction alone: up and down count the same")
    clip_norm: float = spec_field(1.0, label="Gradient clipping", low=1e-3, high=1e3, scale="log")
    patience: int = spec_field(6, label="Patience", low=1, high=500, help="Epochs without improvement before stopping")
    supervision: str = spec_field(
        "auto",
        label="Supervision",
        choices=("auto", "every_step", "window"),
        help="Where the loss is taken; every step learns the same model sooner",
    )
    ensemble: int = spec_field(1, label="Networks", low=1, high=16, help="From different seeds; free workers help")
    device: str = spec_field("auto", label="Device", choices=("auto", "cpu", "cuda", "mps"))
    precision: str = spec_field(
        "auto",
        label="Precision",
        choices=("auto", "float32", "bf16"),
        help="Of training; validation and forecasts are in float32",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Baselines:
    slow: bool = spec_field(False, label="Slow baselines", help="ARIMA and LightGBM too; the others always take part")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    coverage: float = spec_field(
        0.90, label="Band", low=0.5, high=0.95, help="Share of outcomes that the band should hold"
    )
    method: str = spec_field(
        "auto",
        label="Method",
        choices=BANDS,
        help="Rolling conformal quantile regression, adaptive one step ahead; or another way to draw it",
    )
    joint: bool = spec_field(False, label="Whole path", help="Of paths: hold all steps at once, not each its share")
    window: int = spec_field(
        500, label="Calibration memory", low=50, high=5000, help="Latest scores that set the width"
    )
