"""The kinds of models by name, what each is, and how one is built."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.models import heads
from core.models.memory import EMBEDDED, grouped, memory, parameters
from core.spec import RECURRENT, SHORT, Model, Spec, every_step
from core.spec.registries import TARGETS, registry

if TYPE_CHECKING:
    from core.models.network import Encoder, Network

__all__ = ["KINDS", "ModelKind", "build", "every_step", "memory", "networks_of", "outputs", "parameters", "symbols_of"]

STACK = ("hidden", "layers", "dropout")
ALWAYS = ("norm", "head", "symbols")
CELL = (*STACK, "bidirectional", "pooling", "between", "residual", *ALWAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelKind:
    """One kind of model. `fields` are those of `Model` that it heeds; `short` ones take windows shorter than the
    lookback, padded at their front."""

    name: str
    title: str
    text: str
    fields: tuple[str, ...]

    @property
    def short(self) -> bool:
        return self.name in SHORT


KINDS: dict[str, ModelKind] = {
    kind.name: kind
    for kind in (
        ModelKind(
            name="lstm",
            title="LSTM",
            fields=CELL,
            text="Long short-term memory (Hochreiter & Schmidhuber 1997): gates decide what the cell keeps.",
        ),
        ModelKind(
            name="gru",
            title="GRU",
            fields=CELL,
            text="Gated recurrent unit (Cho et al. 2014): two gates, fewer weights.",
        ),
        ModelKind(
            name="rnn", title="RNN", fields=CELL, text="Plain tanh recurrence (Elman 1990): forgets soon, a yardstick."
        ),
        ModelKind(
            name="transformer",
            title="Transformer",
            fields=(*STACK, "heads", "pooling", *ALWAYS),
            text="Encoder of self-attention (Vaswani et al. 2017): every row of the window looks at every other.",
        ),
        ModelKind(
            name="segment",
            title="Segment GRU",
            fields=(*STACK, "segment", *ALWAYS),
            text="One GRU over segments of rows, all steps decoded at once (SegRNN, Lin et al. 2023): for long "
            "windows and horizons.",
        ),
        ModelKind(
            name="nlinear",
            title="NLinear",
            fields=ALWAYS,
            text="One linear map, levels measured from their last value (Zeng et al. 2023): a strong yardstick.",
        ),
        ModelKind(
            name="dlinear",
            title="DLinear",
            fields=ALWAYS,
            text="Two linear maps, of the moving average and of what is left (Zeng et al. 2023).",
        ),
    )
}


def outputs(model: Model, binary: bool) -> int:
    """Raw numbers per step: one logit for a direction, otherwise what the head of the model takes."""
    return heads.WIDTHS[heads.head_of(model, binary)]


def build(
    spec: Spec, *, features: int, known: int, steps: int, binary: bool, seed: int, symbols: int | None = None
) -> "Network":
    """The untrained model of a resolved recipe; the seed alone decides its weights.

    `symbols` is how many there are (None: as many as the recipe names); it matters to embedded symbols alone.
    """
    import torch

    from core.models.network import Network

    m, count = spec.model, len(spec.data.symbols) if symbols is None else symbols
    embedded = (count, min(EMBEDDED, count)) if m.symbols == "embedded" else None
    linear = m.kind in ("nlinear", "dlinear")
    width = features + (embedded[1] if embedded and not linear else 0)
    groups, reversible = grouped(m, steps), m.norm == "reversible"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Network(
            _encoder(spec, width, groups),
            kind=m.kind,
            known=known,
            steps=steps,
            groups=groups,
            head=heads.head_of(m, binary),
            dropout=0.0 if linear else m.dropout,
            embedded=embedded,
            embed_rows=not linear,
            reversible=reversible,
            anchored=_anchored(spec),
            own=spec.features.index(f"column:{spec.target.column}") if reversible else 0,
            every_step=every_step(spec),
        )


def symbols_of(weights: Mapping[str, Any]) -> int | None:
    """How many symbols the weights of a model tell apart; None where they are not embedded."""
    return len(weights["embedding.weight"]) if "embedding.weight" in weights else None


def networks_of(weights: Mapping[str, Any]) -> int:
    """How many networks the weights of a model are of: its members, or one."""
    return len({name.split(".")[1] for name in weights if name.startswith("members.")}) or 1


def _encoder(spec: Spec, features: int, groups: int) -> "Encoder":
    m, lookback = spec.model, spec.window.lookback
    if m.kind in RECURRENT:
        from core.models.recurrent import Recurrent

        return Recurrent(m, features=features)
    if m.kind == "transformer":
        from core.models.transformer import Transformer

        return Transformer(m, features=features, lookback=lookback)
    if m.kind == "segment":
        from core.models.segment import Segment

        return Segment(m, features=features, groups=groups)
    from core.models.linear import Linear

    return Linear(m, features=features, lookback=lookback)


def _anchored(spec: Spec) -> tuple[int, ...]:
    """The inputs that NLinear and SegRNN measure from their last value: raw columns, where the target is a level whose
    distance from the last value is learned."""
    if (
        spec.model.kind not in ("segment", "nlinear")
        or spec.model.norm != "last"
        or not registry(TARGETS)[spec.target.kind].level
    ):
        return ()
    return tuple(at for at, name in enumerate(spec.features) if name.startswith("column:") and "|" not in name)
