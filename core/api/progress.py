"""One progress bar for any job, in a terminal or a notebook."""

from collections.abc import Callable
from typing import Any

from core.baselines.registry import phrase
from core.events import Epoch, Event, Fold, Progress, Stage


class ProgressBar:
    """A context that returns a listener of events, which draws a bar unless `show` is false."""

    def __init__(self, show: bool) -> None:
        self._show = show

    def __enter__(self) -> Callable[[Event], None]:
        if not self._show:
            return lambda event: None
        from tqdm.auto import tqdm

        self._bar: Any = tqdm(total=1, bar_format="{desc} {bar} {elapsed}", leave=False)
        return self._on_event

    def __exit__(self, *_: object) -> None:
        if self._show:
            self._bar.close()

    def _on_event(self, event: Event) -> None:
        if isinstance(event, Stage):
            self._bar.reset(total=1)
            self._bar.set_description_str(event.text)
        elif isinstance(event, Epoch):
            self._move(event.step, event.steps, f"Step {event.step:,}, validation loss {event.val_loss:.4f}")
        elif isinstance(event, Progress):
            self._move(event.done, event.total, None)
        elif isinstance(event, Fold):
            self._move(
                event.fold, event.folds, f"Fold {event.fold}, skill {event.skill:+.1%} over {phrase(event.reference)}"
            )

    def _move(self, done: int, total: int, text: str | None) -> None:
        self._bar.total, self._bar.n = total, done
        if text:
            self._bar.set_description_str(text, refresh=False)
        self._bar.refresh()
