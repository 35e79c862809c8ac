"""The parts of a recipe: data, target, window, split, model, training, baselines and prediction intervals."""

from dataclasses import dataclass

from core.language import message_n
from core.spec.fields import spec_field
from core.spec.registries import CALENDARS, INTERVALS, MODELS, SOURCES, TARGETS

QUANTILES = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)  # of the quantile head
MEDIAN = QUANTILES.index(0.5)
MEAN = len(QUANTILES)  # position of the mean among the outputs of a network: it follows the quantiles
PLAN = "known:"  # begins the name of a feature that is a column whose future is known, and not the calendar
PARTS = ("data", "target", "window", "split", "model", "train", "baselines", "bands")


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    source: str = spec_field("sample", label="Source", choices=SOURCES)
    symbols: tuple[str, ...] = spec_field(("SP500",), label="Symbols", help="Tickers, or names of bundled samples")
    start: str | None = spec_field(None, label="From", help="First day used, YYYY-MM-DD")
    end: str | None = spec_field(None, label="Until", help="Last day used, YYYY-MM-DD")
    interval: str = spec_field("1d", label="Interval", choices=("1d", "1wk", "1h"))
    join: tuple[str, ...] = spec_field(
        (),
        label="Past covariates",
        help="Other series, joined as of the day they became known: SOURCE:NAME#COLUMN@DAYS of release lag",
    )
    calendar: str | None = spec_field(
        None,
        label="Calendar",
        choices=CALENDARS,
        help="The exchange whose sessions date the forecasts; empty: recognised from the data; none: weekdays only",
    )
    known_future: tuple[str, ...] = spec_field(
        (), label="Known future covariates", help="Columns whose future values are known: plans, promotions, holidays"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    kind: str = spec_field("volatility", label="Forecast", choices=TARGETS, help="What the model learns to predict")
    column: str | None = spec_field(None, label="Column", help="The column that is forecast; by default close")
    horizon: int = spec_field(5, label="Horizon", low=1, high=720, help="Steps ahead")
    dead_zone: float = spec_field(
        0.0, label="Dead zone", low=0.0, high=0.5, help="Direction only: smaller moves are neither learned nor scored"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    lookback: int = spec_field(
        0,
        label="Window length",
        low=0,
        high=1000,
        help="Past steps that the model sees; empty (0 in a recipe): from the data, two seasons or at least 24 rows, "
        "and for prices, returns and volatility 60",
        empty="from the data",
        open=0,
    )
    min_length: int | None = spec_field(
        None,
        label="Shortest window",
        low=2,
        high=1000,
        help="Also train on shorter windows at the start of a series, from this many rows; empty: full windows only",
        empty="full windows only",
    )
    scaling: str = spec_field(
        "standard",
        label="Scaling",
        choices=("standard", "robust", "minmax", "none"),
        help="Fitted on training rows only",
    )
    log: bool | None = spec_field(
        None,
        label="Log scale",
        help="Learn levels and raw columns as logs; all must be above 0. Empty: from the data, for a level that is no "
        "price and whose spread grows with it",
        empty="from the data",
    )
    outliers: str = spec_field(
        "none",
        label="Outliers",
        choices=("none", "winsorize"),
        help="Leave inputs as they are, or clip them at the 0.5 % and 99.5 % quantiles of the training rows",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Each size is a fraction below 1, a whole number of rows, or the ISO date of the split's last day."""

    train: float | int | str = spec_field(0.65, label="Training", low=0)
    val: float | int | str = spec_field(0.10, label="Validation", low=0, help="Decides when to stop training")
    calib: float | int | str = spec_field(0.05, label="Calibration", low=0, help="Sets the width of the intervals")
    test: float | int | str = spec_field(0.20, label="Test", low=0, help="Used once, for the verdict")
    gap: int | None = spec_field(
        None,
        label="Gap",
        low=0,
        high=1000,
        help="Cutoffs left out between two splits; never fewer than the horizon",
        empty="the horizon",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The network. Each kind uses some of these fields (`core.models.registry`) and ignores the others."""

    kind: str = spec_field("lstm", label="Model", choices=MODELS)
    hidden: int = spec_field(64, label="Hidden size", low=1, high=1024, scale="log", help="Units per layer")
    layers: int = spec_field(1, label="Layers", low=1, high=6)
    dropout: float = spec_field(
        0.2, label="Dropout", low=0.0, high=0.9, help="Share of units switched off during training"
    )
    bidirectional: bool = spec_field(False, label="Bidirectional", help="Also read the window backwards")
    pooling: str = spec_field(
        "last",
        label="Pooling",
        choices=("last", "mean", "attention"),
        help="Forecast from the last state, the mean of all states, or their attention-weighted average",
    )
    norm_layer: str = spec_field(
        "none", label="Normalisation layer", choices=("none", "layer", "batch"), help="After each recurrent layer"
    )
    residual: bool = spec_field(
        False, label="Residual", help="Add each layer's input to its output, from the second on"
    )
    heads: int = spec_field(
        4, label="Attention heads", low=1, high=16, help="The hidden size must be a multiple of this"
    )
    segment: int = spec_field(12, label="Segment", low=1, high=200, help="Rows read, and steps forecast, at a time")
    norm: str = spec_field(
        "auto",
        label="Level handling",
        choices=("auto", "last", "reversible", "none"),
        help="For levels: forecast the change from the last value (last); also scale each window by its own spread "
        "(reversible); or forecast the raw level (none). Auto: reversible, for prices last",
    )
    head: str = spec_field(
        "quantiles",
        label="Head",
        choices=("quantiles", "point", "gaussian"),
        help="Seven quantiles, one number, or mean and standard deviation; a direction always has a probability",
    )
    combine: bool = spec_field(
        True,
        label="Combine with linear models",
        help="Forecast by shares of network, linear models and a naive rule, fitted on the validation split",
    )
    symbols: str = spec_field(
        "shared",
        label="Symbols",
        choices=("shared", "embedded", "separate"),
        help="One model for all symbols, one with a learned embedding per symbol, or one model per symbol",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Train:
    steps: int = spec_field(
        1500, label="Training steps", low=1, high=1_000_000, scale="log", help="Optimizer steps at most"
    )
    epochs: int | None = spec_field(
        None,
        label="Epochs",
        low=1,
        high=2000,
        help="At most, in place of training steps; one validation pass after each. Empty: as many as the steps make",
        empty="from the steps",
    )
    batch_size: int | None = spec_field(
        None,
        label="Batch size",
        low=1,
        high=8192,
        scale="log",
        help="Windows per step; empty: a fiftieth of the training windows, from 8 to 64",
        empty="from the data",
    )
    learning_rate: float = spec_field(2e-3, label="Learning rate", low=1e-6, high=1.0, scale="log")
    scale_learning_rate: bool = spec_field(
        False,
        label="Scale with batch size",
        help="Multiply the learning rate by batch size / 64, where a batch size is set (linear scaling rule)",
    )
    weight_decay: float = spec_field(
        1e-2, label="Weight decay", low=0.0, high=1.0, help="Of weight matrices; biases and norm layers do not decay"
    )
    optimizer: str = spec_field("adamw", label="Optimizer", choices=("adamw", "adam", "sgd", "rmsprop"))
    schedule: str = spec_field(
        "cosine",
        label="Schedule",
        choices=("plateau", "cosine", "one_cycle", "constant"),
        help="How the learning rate changes from step to step",
    )
    warmup: int = spec_field(
        30, label="Warm-up", low=0, high=10_000, help="Steps in which the learning rate rises from 0"
    )
    averaging: float = spec_field(
        0.99,
        label="Weight averaging",
        low=0.0,
        high=0.9999,
        help="Decay of the moving average of the weights that validates and forecasts; 0: the weights of the last step",
    )
    loss: str = spec_field(
        "auto",
        label="Loss",
        choices=("auto", "mse", "mae", "huber"),
        help="Of the point head; the other heads have their own",
    )
    class_weights: bool = spec_field(
        False,
        label="Class weights",
        help="Direction only: up and down weigh the same in training; the probability is corrected for it",
    )
    clip_norm: float = spec_field(1.0, label="Gradient clipping", low=1e-3, high=1e3, scale="log")
    patience: int = spec_field(
        10,
        label="Patience",
        low=1,
        high=500,
        help="Validation passes without improvement before stopping, from a quarter of the budget on",
    )
    supervision: str = spec_field(
        "auto",
        label="Supervision",
        choices=("auto", "every_step", "window"),
        help="Take the loss at every step of a chunk, or once per window; every step learns the same model faster",
    )
    ensemble: int = spec_field(1, label="Networks", low=1, high=16, help="Trained from different seeds and averaged")
    member_settings: tuple[str, ...] = spec_field(
        (),
        label="Settings of single networks",
        help="One text for each of the first networks, such as model.hidden=32 train.learning_rate=0.001; what it does "
        "not name is as in the recipe",
    )
    device: str = spec_field("auto", label="Device", choices=("auto", "cpu", "cuda", "mps"))
    precision: str = spec_field(
        "auto",
        label="Precision",
        choices=("auto", "float32", "bf16"),
        help="During training; validation and forecasts use float32",
    )

    @property
    def unit(self) -> str:
        """What the budget counts: "step", or "epoch" where the recipe names epochs."""
        return "epoch" if self.epochs else "step"

    @property
    def budget(self) -> str:
        """1,500 steps, or 40 epochs: the most that a training of this recipe may take."""
        if self.epochs:
            return message_n("{count} epoch", "{count} epochs", self.epochs)
        return message_n("{count} step", "{count} steps", self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baselines:
    slow: bool = spec_field(
        False,
        label="Slow baselines",
        help="Add ARIMA, AutoETS, AutoTheta, MSTL and LightGBM; the others always take part",
    )
    pretrained: bool = spec_field(
        False,
        label="Pretrained baseline",
        help="Add Fracast (pip install --no-deps fracast), which learned from public series, perhaps from this one",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """Prediction intervals; on screen, and in the recipe, also called bands."""

    coverage: float = spec_field(
        0.90, label="Coverage", low=0.5, high=0.95, help="Share of outcomes that the interval should contain"
    )
    method: str = spec_field("auto", label="Method", choices=INTERVALS, help="How the interval is drawn")
    joint: bool = spec_field(
        False, label="Whole path", help="Cover all steps of a path at once, not each step on its own"
    )
    window: int = spec_field(
        500, label="Calibration window", low=50, high=5000, help="Latest scores that set the width"
    )
