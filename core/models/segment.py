"""A recurrent model over segments of a window, decoded in parallel (SegRNN, Lin et al. 2023)."""

from torch import Tensor, nn
from torch.nn import functional

from core.models.encoder import Encoder
from core.spec import Model


class Segment(Encoder):
    """One GRU reads segments of `model.segment` rows; the same GRU takes one step for each segment of the horizon.

    Segments contain all inputs of their rows (the paper's model reads each series separately). A window that is not a
    whole number of segments is padded at its front with its first row.
    """

    def __init__(self, model: Model, *, features: int, groups: int) -> None:
        super().__init__()
        self.width, self.segment, self.groups = model.hidden, model.segment, groups
        self.project = nn.Sequential(nn.Linear(model.segment * features, model.hidden), nn.ReLU())
        self.cell = nn.GRU(
            model.hidden,
            model.hidden,
            model.layers,
            batch_first=True,
            dropout=model.dropout if model.layers > 1 else 0.0,
        )
        self.position = nn.Embedding(groups, model.hidden)

    def forward(self, x_BTF: Tensor, count: int, length_B: Tensor | None) -> Tensor:
        """(B, 1, G, D): one state for each segment of the horizon."""
        missing = -x_BTF.shape[1] % self.segment
        if missing:
            x_BTF = functional.pad(x_BTF.transpose(1, 2), (missing, 0), mode="replicate").transpose(1, 2)
        token_BND = self.project(x_BTF.unflatten(1, (-1, self.segment)).flatten(2))
        state = self.cell(token_BND)[1]  # (layers, B, D)
        initial = state.repeat_interleave(self.groups, dim=1)
        position = self.position.weight.repeat(len(x_BTF), 1)[:, None]
        return self.cell(position, initial)[0].unflatten(0, (-1, self.groups)).transpose(1, 2)
