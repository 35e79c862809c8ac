"""How the worker process of a job was lost, as far as that is known, and what a person does then."""

import signal
from dataclasses import dataclass

from core.language import join, message

CRASHES = ("SIGSEGV", "SIGBUS", "SIGABRT", "SIGFPE", "SIGILL")
STATE = message("Its last state is kept: press “Resume” on the Train page, and it goes on from there.")
AGAIN = message("Start it again.")
TWICE = message("It ended twice: the job had gone on from its last state once.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """The end of a worker process: the bytes of its limit if it was ended because of its memory, else the number of the
    signal or the exit code; nothing for a process of whom nobody knows."""

    memory: int | None = None
    exit_code: int | None = None  # negative: a signal


def describe(loss: Loss, twice: bool, kept: bool) -> str:
    """What happened and what to do. `twice`: the job had lost a worker before; `kept`: its state is stored."""
    return join([_cause(loss), TWICE if twice else "", STATE if kept else "" if loss.memory else AGAIN])


def _cause(loss: Loss) -> str:
    if loss.memory:
        return message(
            "The worker process of this job took more than the {limit} of memory that it has, and was ended. Reduce "
            "the batch size, the window length or the hidden units.",
            limit=f"{loss.memory / 1e9:.1f} GB",
        )
    if loss.exit_code is None:
        return message("The worker process of this job ended in the middle of it.")
    if loss.exit_code >= 0:
        return message(
            "The worker process of this job ended in the middle of it, with exit code {code}.", code=loss.exit_code
        )
    name = _signal(-loss.exit_code)
    if name in CRASHES:
        return message("The worker process of this job crashed ({signal}).", signal=name)
    return message(
        "The worker process of this job was ended from outside, by the signal {signal}; it does not say who sent it.",
        signal=name,
    )


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
