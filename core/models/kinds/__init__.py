"""The kinds of models, one record each. A new kind is a module of this folder and a line of the table."""

from core.models.kinds.kind import ModelKind
from core.models.kinds.linear import DLINEAR, NLINEAR
from core.models.kinds.recurrent import GRU, LSTM, RNN, SLSTM
from core.models.kinds.segment import SEGMENT
from core.models.kinds.tft import TFT_LITE
from core.models.kinds.transformer import TRANSFORMER

MODELS: dict[str, ModelKind] = {
    kind.name: kind for kind in (LSTM, GRU, RNN, SLSTM, TFT_LITE, TRANSFORMER, SEGMENT, NLINEAR, DLINEAR)
}


def title_of(name: str) -> str:
    """The model of this name as people write it: LSTM, Transformer; the name itself if no kind has it."""
    return MODELS[name].title if name in MODELS else name
