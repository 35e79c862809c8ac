"""How large the part of a network is that reads plans (core.models.plans), without torch."""

WIDTH = 64  # hidden units


def parameters(width: int, known: int, raw_count: int) -> int:
    """How many weights read a state of this width and what is known of a step."""
    return (width + 1 + known) * WIDTH + (WIDTH + 1) * raw_count
