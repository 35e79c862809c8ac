"""Whether a training had come to its end when its budget did."""

from core.types import History

LAST_SHARE = 0.1  # of the epochs
MIN_FALL = 0.005  # of the validation loss over them, as a share


def describe_unfinished(history: History) -> str | None:
    """One sentence if the validation loss of the first network still fell when its budget ended, else None.

    That is: no epoch is better than the last one, and the loss fell by more than 0.5 % over the last tenth of them.
    """
    epochs = [epoch for epoch in history.epochs if epoch.member == 1]
    if not epochs or epochs[-1].epoch < epochs[-1].epochs or history.best_epoch != epochs[-1].epoch:
        return None
    last, before = epochs[-1], epochs[-1 - max(1, round(LAST_SHARE * len(epochs)))] if len(epochs) > 1 else epochs[-1]
    fall = before.val_loss - last.val_loss
    if fall <= MIN_FALL * abs(before.val_loss):
        return None
    budget = f"{last.step:,} steps" if last.step else f"{last.epoch} epochs"
    return (
        f"Training was still improving when its {budget} ended: over the last {last.epoch - before.epoch} of "
        f"{last.epoch} validation passes the loss fell by {fall / abs(before.val_loss):.1%}. Train on with more steps."
    )
