"""The kind with variable selection: a small temporal fusion transformer."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.language import message
from core.models.kinds import blocks
from core.models.kinds.kind import COMMON_FIELDS, Cost, ModelKind, Size
from core.spec import Model, Spec
from core.spec.rules import Conflict

if TYPE_CHECKING:
    from core.models.encoder import Encoder

GATES = 4  # of its LSTM
OVERHEAD_PER_ROW, OVERHEAD, PRICE = 2e5, 3e7, 0.9  # measured: of the LSTM; of the other layers; of a multiply-add
ATTENDED = 650  # measured: what a query costs per row and unit, in multiply-adds
MAX_QUERIES = 2500  # of a chunk: beyond it attention at every step takes more than it gives


@dataclass(frozen=True, slots=True, kw_only=True)
class TFT(ModelKind):
    """Variable selection, an LSTM, and attention that is asked once for each step of the horizon."""

    @property
    def supports_every_step(self) -> bool:
        return True

    @property
    def selects_inputs(self) -> bool:
        return True

    @property
    def embeds_rows(self) -> bool:
        """Only the columns of a window compete for its selection weights."""
        return False

    def groups(self, model: Model, steps: int) -> int:
        """Every step has a query of its own."""
        return steps

    def every_step_obstacle(self, spec: Spec) -> tuple[str, str | None] | None:
        if spec.window.lookback * spec.target.horizon <= MAX_QUERIES:
            return None
        most = max(1, MAX_QUERIES // spec.target.horizon)
        return message("The {name} model over so long a window and horizon", name=self.name), message(
            "window.lookback to at most {most}", most=most
        )

    def build(self, spec: Spec, *, features: int, steps: int) -> "Encoder":
        from core.models import tft

        return tft.TFT(spec.model, features=features, lookback=spec.window.lookback, steps=steps)

    def size(self, model: Model, *, features: int, embedding: int, lookback: int, steps: int) -> Size:
        d, value = model.hidden, model.hidden // model.heads
        gate = 2 * d * d + 4 * d
        selection = (features + 1) * d + 2 * d * features + 4 * features + features * features
        own = features * (2 * d * d + 8 * d)
        attention = 2 * (d * d + d) + (d + 1) * value + (value + 1) * d
        asked = 22 * d + 3 * model.heads * lookback
        return Size(
            parameters=selection
            + own
            + blocks.cell_parameters(GATES, d, d)
            + 3 * gate
            + 2 * (d * d + d + gate)
            + steps * d
            + attention,
            width=d,
            kept_per_row=features * (8 * d + 6) + 30 * d + steps * asked / lookback,
        )

    def cost(self, model: Model, *, features: int, embedding: int, lookback: int, steps: int) -> Cost:
        d = model.hidden
        own = features * (2 * d * d + 8 * blocks.POINTWISE * d)
        asked = 11 * d * d + ATTENDED * lookback * d + 20 * model.heads * lookback
        return Cost(
            price=PRICE,
            per_row=own + 3 * features * d + blocks.cell_cost(GATES, d, d) + 6 * d * d,
            per_window=steps * asked,
            overhead_per_row=OVERHEAD_PER_ROW,
            overhead=OVERHEAD,
        )

    def conflict(self, spec: Spec) -> Conflict | None:
        return blocks.heads_conflict(spec.model)


TFT_LITE = TFT(
    name="tft",
    title="TFT-lite",
    fields=("hidden", "dropout", "heads", *COMMON_FIELDS, "combine"),
    text="A small temporal fusion transformer (Lim et al. 2021) that shows how it weighs its inputs: as good as "
    "the LSTM where tried, at several times its time.",
)
