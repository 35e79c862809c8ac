"""The transformer kind."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.models.kinds import blocks
from core.models.kinds.kind import COMMON_FIELDS, LAYER_FIELDS, Cost, ModelKind, Size
from core.spec import Model, Spec
from core.spec.rules import Conflict

if TYPE_CHECKING:
    from core.models.encoder import Encoder

OVERHEAD, PRICE = 7.5e7, 1.45  # measured: per layer; of a multiply-add


@dataclass(frozen=True, slots=True, kw_only=True)
class Transformer(ModelKind):
    """Blocks of self-attention over the rows of a window."""

    @property
    def takes_short_windows(self) -> bool:
        return True

    def build(self, spec: Spec, *, features: int, steps: int) -> "Encoder":
        from core.models import transformer

        return transformer.Transformer(spec.model, features=features, lookback=spec.window.lookback)

    def size(self, model: Model, *, features: int, embedding: int, lookback: int, steps: int) -> Size:
        inputs, d = features + embedding, model.hidden
        block = 2 * 2 * d + (3 * d * d + 3 * d) + (d * d + d) + (4 * d * d + 4 * d) + (4 * d * d + d)
        return Size(
            parameters=inputs * d + d + model.layers * block + 2 * d + blocks.readout_parameters(model, d),
            width=d,
            # Norms and sums, query, key, value and result, the feed-forward layer, what dropout keeps, the attention.
            kept_per_row=inputs + model.layers * (28 * d + model.heads * lookback / 8) + 2 * d,
        )

    def cost(self, model: Model, *, features: int, embedding: int, lookback: int, steps: int) -> Cost:
        inputs, d = features + embedding, model.hidden
        block = 12 * d * d + 2 * lookback * d + 60 * d + 20 * model.heads * lookback
        return Cost(
            price=PRICE,
            per_row=inputs * d + model.layers * block + blocks.readout_cost(model, d),
            overhead=model.layers * OVERHEAD,
        )

    def conflict(self, spec: Spec) -> Conflict | None:
        return blocks.heads_conflict(spec.model)


TRANSFORMER = Transformer(
    name="transformer",
    title="Transformer",
    fields=(*LAYER_FIELDS, "heads", "pooling", *COMMON_FIELDS, "combine"),
    text="Encoder of self-attention (Vaswani et al. 2017): every row of the window attends to every other.",
)
