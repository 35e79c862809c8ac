"""The frozen description of a run. Together with the digest of its data it determines every number of the run."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field

from core.errors import SpecError
from core.spec import rules
from core.spec.fields import check, spec_field
from core.spec.parts import LEVELS, PARTS, RECURRENT, SHORT, Bands, Baselines, Data, Model, Split, Target, Train, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """The recipe of a run. Empty `features` means the defaults of the target (core.features.defaults)."""

    data: Data = field(default_factory=Data)
    target: Target = field(default_factory=Target)
    features: tuple[str, ...] = spec_field((), label="Features", help="name:parameter, e.g. rsi:14")
    window: Window = field(default_factory=Window)
    split: Split = field(default_factory=Split)
    model: Model = field(default_factory=Model)
    train: Train = field(default_factory=Train)
    baselines: Baselines = field(default_factory=Baselines)
    bands: Bands = field(default_factory=Bands)
    seed: int = spec_field(0, label="Seed", low=0, high=2**31 - 1)
    allow_lookahead: bool = spec_field(
        False, label="Train although a feature looks ahead", help="The verdict is then never good"
    )

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
        rules.check_train(self.train.loss, self.train.class_weights, self.target.kind, self.model.head)
        rules.check_bands(self.bands.method, self.bands.joint, self.target.kind, self.model.head)

    @property
    def id(self) -> str:
        """Twelve hex digits that name this recipe."""
        return hashlib.sha256(canonical(self).encode()).hexdigest()[:12]


def canonical(spec: Spec) -> str:
    """The recipe as canonical JSON: the same recipe gives the same text."""
    return json.dumps(dataclasses.asdict(spec), sort_keys=True, indent=1)


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
    if model.norm == "reversible" and spec.window.min_length is not None:
        return "Reversible normalisation of short windows", "window.min_length to none"
    return None


def _check_model(spec: Spec) -> None:
    """Raise SpecError for settings of the model that do not fit together, or not with the rest of the recipe."""
    m, column = spec.model, spec.target.column
    found = _windows_only(spec)
    if found and spec.train.supervision == "every_step":
        raise SpecError(
            f"{found[0]} cannot be supervised at every step: it is about one whole window, and a chunk "
            f"holds many. Set train.supervision to window, or {found[1]}."
        )
    if m.kind == "transformer" and m.hidden % m.heads:
        raise SpecError(
            f"model.hidden ({m.hidden}) is not a multiple of model.heads ({m.heads}). Set model.hidden to "
            f"{m.heads * max(1, round(m.hidden / m.heads))}, or model.heads to 1."
        )
    if m.kind == "segment" and m.segment > spec.window.lookback:
        raise SpecError(
            f"model.segment ({m.segment}) is longer than the window ({spec.window.lookback} rows). Set it "
            f"to at most {spec.window.lookback}, or lengthen window.lookback."
        )
    if m.kind in RECURRENT and m.norm_layer == "batch" and spec.train.batch_size == 1:
        raise SpecError(
            "Batch normalisation compares the windows of a batch, and train.batch_size is 1. Set it to at "
            "least 2 (better 32), or model.norm_layer to layer."
        )
    if m.norm != "reversible":
        return
    if spec.target.kind not in LEVELS:
        raise SpecError(
            f"Reversible normalisation gives a window's level back to the forecast, and the target "
            f"{spec.target.kind} is no level. Set model.norm to last, or target.kind to one of "
            f"{', '.join(LEVELS)}."
        )
    if column is not None and spec.features and f"column:{column}" not in spec.features:
        raise SpecError(
            f"Reversible normalisation takes the spread of the target in each window, and {column!r} is "
            f"not among the inputs. Add column:{column} to features, or set model.norm to last."
        )


def _check_shortest(spec: Spec) -> None:
    """Raise SpecError where short windows are asked for that there cannot be, or that the model does not take."""
    shortest, lookback, kind = spec.window.min_length, spec.window.lookback, spec.model.kind
    if shortest is not None and shortest > lookback:
        raise SpecError(
            f"window.min_length ({shortest}) is longer than the window ({lookback} rows). Set it to at most "
            f"{lookback}, or lengthen window.lookback."
        )
    if shortest is not None and kind not in SHORT:
        raise SpecError(
            f"A {kind} model needs whole windows, and window.min_length lets those of {shortest} rows take "
            f"part. Set window.min_length to none, or model.kind to one of {', '.join(SHORT)}."
        )
