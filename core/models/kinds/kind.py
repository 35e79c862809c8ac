"""The record of a model kind: what it is, what it supports, how it is built and what it costs.

Nothing here imports torch, so a page can list the kinds without loading it.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.language import message
from core.spec import Model, Spec
from core.spec.rules import Conflict

if TYPE_CHECKING:
    from core.models.encoder import Encoder

LAYER_FIELDS = ("hidden", "layers", "dropout")
COMMON_FIELDS = ("norm", "head", "symbols")


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """The size of an encoder: its weights, the width that it hands to the head, and the numbers that a training step
    keeps for the gradient, per row of input."""

    parameters: int
    width: int
    kept_per_row: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Multiply-adds of an encoder's forward pass.

    `per_row` and `per_window` grow with the windows and are weighted by `price`, the cost of one multiply-add of this
    kind relative to the average. The overheads are paid once per batch, however many windows it has.
    """

    price: float
    per_row: float
    per_window: float = 0.0
    overhead_per_row: float = 0.0
    overhead: float = 0.0

    def of_window(self, rows: int) -> float:
        """The cost of one window of `rows` rows."""
        return self.price * (rows * self.per_row + self.per_window)

    def of_overhead(self, rows: int) -> float:
        """The cost of a batch of any size, its windows aside."""
        return rows * self.overhead_per_row + self.overhead

    def of_batch(self, windows: int, rows: int) -> float:
        """The cost of `windows` windows of `rows` rows."""
        return windows * self.of_window(rows) + self.of_overhead(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelKind(ABC):
    """One kind of model; `fields` are the fields of `Model` that it supports.

    The other modules ask this record and never compare the name of a kind.
    """

    name: str
    title: str
    text: str
    fields: tuple[str, ...]

    @abstractmethod
    def build(self, spec: Spec, *, features: int, steps: int) -> "Encoder":
        """The untrained encoder of a recipe; `features` counts the inputs of a row, an embedding included."""

    @abstractmethod
    def size(self, model: Model, *, features: int, embedding: int, lookback: int, steps: int) -> Size:
        """The size of the encoder; `embedding` is how many numbers stand for a symbol (0: none do)."""

    @abstractmethod
    def cost(self, model: Model, *, features: int, embedding: int, lookback: int, steps: int) -> Cost:
        """The cost of the encoder's forward pass; see `size`."""

    @property
    def takes_short_windows(self) -> bool:
        """Whether it reads windows shorter than the lookback, padded at their front."""
        return False

    @property
    def supports_every_step(self) -> bool:
        """Whether it can be supervised at every step of a chunk; see `every_step_obstacle` for the settings."""
        return False

    @property
    def embeds_rows(self) -> bool:
        """Whether the embedding of a symbol joins the inputs of every row; otherwise it joins the head's alone."""
        return True

    @property
    def anchors_columns(self) -> bool:
        """Whether it measures raw columns from their last value in the window."""
        return False

    @property
    def selects_inputs(self) -> bool:
        """Whether it weighs the inputs of every row, and can show the weights; see `Encoder.weigh_inputs`."""
        return False

    def groups(self, model: Model, steps: int) -> int:
        """How many groups of steps the head answers separately; each has a state of its own."""
        return 1

    def every_step_obstacle(self, spec: Spec) -> tuple[str, str | None] | None:
        """What rules out supervision at every step, and the setting that lifts it; None if nothing does.

        Supervision at every step requires that the state at a row does not depend on later rows, and on the start of
        the chunk only by a few rows more or less of context, or by what its level is measured from.
        """
        return message("The {name} model", name=self.name), None

    def conflict(self, recipe: Spec) -> Conflict | None:
        """A setting of the recipe that does not fit this kind; None if all fit."""
        return None
