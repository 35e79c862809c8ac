"""The kinds of models by name, what each is, and how one is built."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.spec import QUANTILES, Spec

if TYPE_CHECKING:
    from core.models.recurrent import Recurrent


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    name: str
    title: str
    text: str


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(name="lstm", title="LSTM", text="Long short-term memory (Hochreiter & Schmidhuber 1997): gates decide "
             "what the cell keeps."),
        Kind(name="gru", title="GRU", text="Gated recurrent unit (Cho et al. 2014): two gates, fewer weights."),
        Kind(name="rnn", title="RNN", text="Plain tanh recurrence (Elman 1990): forgets soon, a yardstick."),
    )
}


def outputs(binary: bool) -> int:
    """Numbers per step: one logit for a direction, otherwise one a quantile."""
    return 1 if binary else len(QUANTILES)


def build(spec: Spec, *, features: int, known: int, steps: int, binary: bool, seed: int) -> "Recurrent":
    """The untrained model of a recipe; the seed alone decides its weights."""
    import torch

    from core.models.recurrent import Recurrent

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Recurrent(spec.model, features=features, known=known, steps=steps, outputs=outputs(binary))


def parameters(spec: Spec, *, features: int, known: int, steps: int, binary: bool) -> int:
    """How many weights the model has, counted without building it."""
    m, gates = spec.model, {"lstm": 4, "gru": 3, "rnn": 1}[spec.model.kind]
    cell = sum(gates * m.hidden * ((features if layer == 0 else m.hidden) + m.hidden + 2) for layer in range(m.layers))
    return cell + (m.hidden + steps * known + 1) * steps * outputs(binary)
