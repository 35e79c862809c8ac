"""What the network asks of the encoder of every kind."""

from torch import Tensor, nn


class Encoder(nn.Module):
    """Reads the rows of chunks (B, T, F) into the states that the head answers from.

    `width` is D, the numbers of a state. `incremental` encoders can read a window piece by piece: a state depends on
    earlier rows alone.
    """

    width: int
    incremental: bool = False

    def forward(self, x_BTF: Tensor, count: int, length_B: Tensor | None) -> Tensor:
        """(B, S, G, D) states at the last S = `count` rows, for each of G groups of steps.

        `length_B` are the real rows of each window, at its end behind padding; None if all are full.
        """
        raise NotImplementedError

    def weigh_inputs(self, x_BTF: Tensor) -> tuple[Tensor, Tensor]:
        """The weights of the inputs in each row (B, T, F), and of the rows for each of K heads and H steps
        (B, K, H, T); both are at least zero and add up to one over their last axis.

        Only for kinds that select inputs.
        """
        raise NotImplementedError

    def encode_rows(self, x_BTF: Tensor, state_BS: Tensor | None) -> Tensor:
        """(B, S): the state after further rows, from the state before them (None: no row was read yet).

        The first D numbers are what the head reads, the others what the encoder carries on. Only for `incremental`
        encoders.
        """
        raise NotImplementedError
