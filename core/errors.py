"""The errors that a person can cause and can mend; anything else that is raised is a bug and is shown as one.

CoreError
├── SpecError        the recipe asks for something that does not exist or does not fit together
├── DataError        the series itself: empty, without dates, too short, constant, full of holes
│   └── SourceError  the series could not be fetched: unknown ticker, no network, rate limit, time-out
├── FeatureError     a feature cannot be computed from these columns, or looks ahead
├── TrainError       training went wrong: the loss is not a number, memory ran out
├── RunError         a saved run is missing, incomplete or of another version
└── JobError         the job around a run: worker lost, cancelled, cluster out of reach
    └── Cancelled    the person asked for it
"""


class CoreError(Exception):
    """What is wrong, what came and what to do, in one or two sentences that a person can read."""


def words(error: BaseException) -> str:
    """What an error says; that of a CoreError may be a message, which the screen says in its own language."""
    text: str = error.args[0] if isinstance(error, CoreError) and error.args else str(error)
    return text


class SpecError(CoreError): ...


class DataError(CoreError): ...


class SourceError(DataError): ...


class FeatureError(CoreError): ...


class TrainError(CoreError): ...


class RunError(CoreError): ...


class JobError(CoreError): ...


class Cancelled(JobError): ...
