"""Of what a combined forecast is made, in a few sentences."""

from core.baselines.registry import phrase
from core.datasets.defaults import plain_level
from core.evaluation.score import NETWORK
from core.evaluation.verdict import join_words
from core.language import figures, message
from core.types import Run

LEAST = 0.005  # share that is named


def describe_shares(run: Run, model: str) -> str | None:
    """The forecast is 31% LSTM and 69% ridge regression, and how the shares came about; None for one model alone.

    `model` is the title of the model.
    """
    shares = run.evaluation.shares
    if not shares:
        return None
    titles = {NETWORK: model, "window_mean": message("the mean of the window")}
    parts = {titles.get(name, phrase(name)): share for name, share in shares.items()}
    parts[message("the mean of the training split")] = 1 - sum(shares.values())
    named = [
        message("{share} {name}", share=figures.percent(share, 0), name=name)
        for name, share in sorted(parts.items(), key=lambda part: -part[1])
        if share >= LEAST
    ]
    listed = join_words(named, len(named))
    alone = (
        message(" The {model} has no part in it: the validation split favours the others.", model=model)
        if shares[NETWORK] < LEAST
        else ""
    )
    return message(
        "The forecast is {listed}. {skip}{fit}{alone}",
        listed=listed,
        skip=_describe_skip(run, model),
        fit=_describe_fit(run),
        alone=alone,
    )


def _describe_skip(run: Run, model: str) -> str:
    """Of which linear models the network learned the errors; empty if it learned all by itself."""
    parts = [
        message("{share} {name}", share=figures.percent(share, 0), name=phrase(name))
        for name, share in run.evaluation.skips.items()
        if share >= LEAST
    ]
    return (
        message("The {model} learned what {parts} left unexplained. ", model=model, parts=join_words(parts, len(parts)))
        if parts
        else ""
    )


def _describe_fit(run: Run) -> str:
    """That the shares are a compromise between the validation split and equal ones; see core.training.combination."""
    spec, windows = run.spec, run.rows["val"]
    if not plain_level(spec, str(spec.target.column)):
        return message("The shares were fitted on the validation split and drawn a little towards equal ones.")
    networks = len(spec.data.symbols) if spec.model.symbols == "separate" else 1
    apart = max(1, round(windows / networks / spec.target.horizon))
    return message(
        "The shares were fitted on the validation split and drawn towards equal ones of network and linear models, "
        "the more so the fewer windows without overlap it has (here about {apart}).",
        apart=f"{apart:,}",
    )
