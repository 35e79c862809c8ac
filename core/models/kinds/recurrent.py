"""The recurrent kinds: LSTM, GRU, plain RNN and sLSTM."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.language import message
from core.models.kinds import blocks
from core.models.kinds.kind import COMMON_FIELDS, LAYER_FIELDS, Cost, ModelKind, Size
from core.spec import Model, Spec
from core.spec.rules import Conflict

if TYPE_CHECKING:
    from core.models.encoder import Encoder


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Figures of a recurrent cell; all but `gates` are measured on a CPU.

    `kept_per_unit` are the numbers that it keeps for the gradient, `overhead` is paid per row and layer.
    """

    gates: int
    kept_per_unit: int
    overhead: float
    price: float


CELLS = {
    "slstm": Cell(gates=4, kept_per_unit=8, overhead=7e5, price=1.35),
    "lstm": Cell(gates=4, kept_per_unit=17, overhead=5.5e4, price=1.0),
    "gru": Cell(gates=blocks.GRU_GATES, kept_per_unit=7, overhead=1.15e6, price=1.3),
    "rnn": Cell(gates=1, kept_per_unit=1, overhead=4e5, price=1.3),
}
FIELDS = (*LAYER_FIELDS, "bidirectional", "pooling", "norm_layer", "residual", *COMMON_FIELDS, "combine")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrent(ModelKind):
    """A stack of cells that carry a state from row to row."""

    fields: tuple[str, ...] = FIELDS

    @property
    def cell(self) -> Cell:
        return CELLS[self.name]

    @property
    def takes_short_windows(self) -> bool:
        return True

    @property
    def supports_every_step(self) -> bool:
        return True

    def build(self, spec: Spec, *, features: int, steps: int) -> "Encoder":
        from core.models import recurrent

        return recurrent.Recurrent(spec.model, features=features)

    def size(self, model: Model, *, features: int, embedding: int, lookback: int, steps: int) -> Size:
        inputs, hidden, layers, directions = features + embedding, model.hidden, model.layers, _directions(model)
        width = hidden * directions
        cells = sum(
            directions * blocks.cell_parameters(self.cell.gates, inputs if layer == 0 else width, hidden)
            for layer in range(layers)
        )
        normed = model.norm_layer != "none"
        norms = 2 * width * layers if normed else 0
        between_layers = (2 if normed else 0) + (1 if model.residual else 0)
        return Size(
            parameters=cells + norms + blocks.readout_parameters(model, width),
            width=width,
            kept_per_row=inputs + directions * layers * hidden * (self.cell.kept_per_unit + between_layers),
        )

    def cost(self, model: Model, *, features: int, embedding: int, lookback: int, steps: int) -> Cost:
        inputs, hidden, directions = features + embedding, model.hidden, _directions(model)
        width = hidden * directions
        row = sum(
            blocks.cell_cost(self.cell.gates, inputs if layer == 0 else width, hidden) for layer in range(model.layers)
        )
        return Cost(
            price=self.cell.price,
            per_row=directions * row + blocks.readout_cost(model, width),
            overhead_per_row=directions * model.layers * self.cell.overhead,
        )

    def every_step_obstacle(self, spec: Spec) -> tuple[str, str | None] | None:
        model = spec.model
        if model.bidirectional:
            return message("A bidirectional model"), message("model.bidirectional to false")
        if model.pooling != "last":
            return message("{pooling} pooling", pooling=model.pooling.capitalize()), message("model.pooling to last")
        if model.norm == "reversible" and spec.window.min_length is not None:
            return message("Reversible normalisation of short windows"), message("window.min_length to none")
        return None

    def conflict(self, spec: Spec) -> Conflict | None:
        if spec.model.norm_layer != "batch" or spec.train.batch_size != 1:
            return None
        text = message(
            "Batch normalisation compares the windows of a batch, and train.batch_size is 1. Set it to at least 2 "
            "(better 32), or model.norm_layer to layer."
        )
        return Conflict(message=text, path="model.norm_layer", fallback="layer")


def _directions(model: Model) -> int:
    return 2 if model.bidirectional else 1


LSTM = Recurrent(
    name="lstm",
    title="LSTM",
    text="Long short-term memory (Hochreiter & Schmidhuber 1997): gates decide what the cell keeps.",
)
GRU = Recurrent(name="gru", title="GRU", text="Gated recurrent unit (Cho et al. 2014): two gates, fewer weights.")
RNN = Recurrent(
    name="rnn", title="RNN", text="Plain tanh recurrence (Elman 1990): short memory, a yardstick for the other two."
)
SLSTM = Recurrent(
    name="slstm",
    title="sLSTM",
    text="LSTM with exponential gates and a normalised memory (Beck et al. 2024): as good as the LSTM where tried, "
    "at twice its time.",
)
