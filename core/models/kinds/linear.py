"""The linear kinds: NLinear and DLinear."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.models.kinds.kind import COMMON_FIELDS, Cost, ModelKind, Size
from core.spec import Model, Spec

if TYPE_CHECKING:
    from core.models.encoder import Encoder


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """A window enters the head as `components` copies of its size; the other figures are measured on a CPU."""

    components: int
    kept_per_input: int
    overhead: float
    price: float


MAPS = {
    "nlinear": Map(components=1, kept_per_input=2, overhead=5.5e4, price=0.15),
    "dlinear": Map(components=2, kept_per_input=3, overhead=4.7e5, price=2.8),  # trend and remainder
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear(ModelKind):
    """One linear map over all rows of a window: the head itself."""

    fields: tuple[str, ...] = COMMON_FIELDS

    @property
    def map(self) -> Map:
        return MAPS[self.name]

    @property
    def embeds_rows(self) -> bool:
        return False

    @property
    def anchors_columns(self) -> bool:
        return self.map.components == 1

    def build(self, spec: Spec, *, features: int, steps: int) -> "Encoder":
        from core.models import linear

        return linear.Linear(features=features, lookback=spec.window.lookback, decompose=self.map.components > 1)

    def size(self, model: Model, *, features: int, embedding: int, lookback: int, steps: int) -> Size:
        return Size(
            parameters=0,
            width=features * lookback * self.map.components,
            kept_per_row=(features + embedding) * self.map.kept_per_input,
        )

    def cost(self, model: Model, *, features: int, embedding: int, lookback: int, steps: int) -> Cost:
        return Cost(price=self.map.price, per_row=20.0 * features * self.map.components, overhead=self.map.overhead)


NLINEAR = Linear(
    name="nlinear",
    title="NLinear",
    text="One linear map, levels measured from their last value (Zeng et al. 2023): a strong yardstick.",
)
DLINEAR = Linear(
    name="dlinear",
    title="DLinear",
    text="Two linear maps, of the moving average and of the remainder (Zeng et al. 2023).",
)
