"""A worker that imports this keeps the states of a training often; `benchmarks.kill_server` has its workers do so."""

from core.training import member

KEPT_EVERY = 0.2  # s between two states of a training

member.CHECKPOINT_SECONDS, member.CHECKPOINT_PAUSE = KEPT_EVERY, 0
