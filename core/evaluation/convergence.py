"""Whether a training had come to its end when its budget did, and the recipe of one with twice the budget."""

from dataclasses import replace

from core.language import figures, message
from core.spec import Spec
from core.spec.convert import field_at
from core.types import Run

LAST_SHARE = 0.1  # of the validation passes
MIN_FALL = 0.005  # of the validation loss over them, as a share
LONGER = 2  # times the budget


def describe_unfinished(run: Run) -> str | None:
    """One sentence if the validation loss of the first network still fell when its budget ended, else None.

    That is: no pass is better than the last one, and the loss fell by more than 0.5 % over the last tenth of them.
    """
    history = run.history
    epochs = [epoch for epoch in history.epochs if epoch.member == 1]
    if not epochs or epochs[-1].epoch < epochs[-1].epochs or history.best_epoch != epochs[-1].epoch:
        return None
    last, before = epochs[-1], epochs[-1 - max(1, round(LAST_SHARE * len(epochs)))] if len(epochs) > 1 else epochs[-1]
    fall = before.val_loss - last.val_loss
    if fall <= MIN_FALL * abs(before.val_loss):
        return None
    tenth, share = last.epoch - before.epoch, fall / abs(before.val_loss)
    passes = (
        message("the last {tenth} of {epoch} validation passes", tenth=tenth, epoch=last.epoch)
        if tenth > 1
        else message("the last validation pass")
    )
    return message(
        "Training was still improving when its budget of {budget} ended: over {passes} the loss fell by {share}.",
        budget=run.spec.train.budget,
        passes=passes,
        share=figures.percent(share, 1),
    )


def longer(spec: Spec) -> Spec | None:
    """The recipe with twice the budget, in steps or in epochs as it is written; None if it has the largest there is.

    The schedule of the learning rate spans the budget and ends near zero, so a training that goes on from where this
    one ended would be that of no recipe: the longer one starts from the beginning.
    """
    name = f"{spec.train.unit}s"
    budget, most = getattr(spec.train, name), field_at(f"train.{name}").high
    assert most is not None
    doubled = min(LONGER * budget, int(most))
    return replace(spec, train=replace(spec.train, **{name: doubled})) if doubled > budget else None


def advise(run: Run) -> str | None:
    """For the command line: the same sentence, with the setting that trains on."""
    sentence, spec = describe_unfinished(run), longer(run.spec)
    if sentence is None or spec is None:
        return sentence
    name = f"{spec.train.unit}s"
    return message(
        "{sentence} Train on with train.{name}={budget}.",
        sentence=sentence,
        name=name,
        budget=getattr(spec.train, name),
    )
