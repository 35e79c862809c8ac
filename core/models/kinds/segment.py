"""The segment kind: a GRU over segments of a window (SegRNN)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.language import message
from core.models.kinds import blocks
from core.models.kinds.kind import COMMON_FIELDS, LAYER_FIELDS, Cost, ModelKind, Size
from core.spec import Model, Spec
from core.spec.rules import Conflict

if TYPE_CHECKING:
    from core.models.encoder import Encoder

OVERHEAD, PRICE = 2.8e6, 0.95  # measured: per layer and segment; of a multiply-add


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment(ModelKind):
    """One GRU reads segments of rows and decodes every segment of the horizon in parallel."""

    @property
    def anchors_columns(self) -> bool:
        return True

    def groups(self, model: Model, steps: int) -> int:
        """The segments of the horizon."""
        return -(-steps // min(model.segment, steps))

    def build(self, spec: Spec, *, features: int, steps: int) -> "Encoder":
        from core.models import segment

        return segment.Segment(spec.model, features=features, groups=self.groups(spec.model, steps))

    def size(self, model: Model, *, features: int, embedding: int, lookback: int, steps: int) -> Size:
        inputs, hidden = features + embedding, model.hidden
        projection = model.segment * inputs * hidden + hidden
        cells = model.layers * blocks.cell_parameters(blocks.GRU_GATES, hidden, hidden)
        return Size(
            parameters=projection + cells + self.groups(model, steps) * hidden,
            width=hidden,
            kept_per_row=inputs + (1 + 9 * model.layers) * hidden / model.segment,
        )

    def cost(self, model: Model, *, features: int, embedding: int, lookback: int, steps: int) -> Cost:
        inputs, hidden = features + embedding, model.hidden
        cells = model.layers * blocks.cell_cost(blocks.GRU_GATES, hidden, hidden)
        return Cost(
            price=PRICE,
            per_row=inputs * hidden + cells / model.segment,
            per_window=self.groups(model, steps) * cells,
            overhead_per_row=model.layers * OVERHEAD / model.segment,
            overhead=model.layers * OVERHEAD,
        )

    def conflict(self, spec: Spec) -> Conflict | None:
        segment, lookback = spec.model.segment, spec.window.lookback
        if not lookback or segment <= lookback:
            return None
        text = message(
            "model.segment ({segment}) is longer than the window ({lookback} rows). Set it to at most {lookback}, "
            "or lengthen window.lookback.",
            segment=segment,
            lookback=lookback,
        )
        return Conflict(message=text, path="model.segment", fallback=lookback)


SEGMENT = Segment(
    name="segment",
    title="SegRNN",
    fields=(*LAYER_FIELDS, "segment", *COMMON_FIELDS, "combine"),
    text="One GRU over segments of rows, all steps decoded at once (SegRNN, Lin et al. 2023): for long windows and "
    "horizons.",
)
