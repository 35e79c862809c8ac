"""Of what a combined forecast is made, in one sentence."""

from core.baselines.registry import phrase
from core.evaluation.score import NETWORK

LEAST = 0.005  # share that is named


def describe_shares(shares: dict[str, float], model: str) -> str | None:
    """The forecast is 31% LSTM and 69% ridge regression, …; None if it is the model's alone.

    `shares` are those of Evaluation, `model` the title of the model.
    """
    if not shares:
        return None
    titles = {NETWORK: model, "window_mean": "the mean of the window"}
    parts = {titles.get(name, phrase(name)): share for name, share in shares.items()}
    parts["the mean of the training split"] = 1 - sum(shares.values())
    named = [
        f"{share:.0%} {name}" for name, share in sorted(parts.items(), key=lambda part: -part[1]) if share >= LEAST
    ]
    listed = " and ".join(filter(None, [", ".join(named[:-1]), *named[-1:]]))
    alone = (
        f" The {model} has no part in it: the validation split prefers the others." if shares[NETWORK] < LEAST else ""
    )
    return f"The forecast is {listed}, the shares that were best on the validation split.{alone}"
