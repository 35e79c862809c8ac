"""How much one visitor of a shared server may ask of it. A person alone, and the command line, have no quotas."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields

from core.errors import JobError
from core.language import message, message_n

MB, GB = 1_000_000, 1_000_000_000
PREFIX = "LOOKBACK_MAX_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """The most of each; None for no limit. The environment variable of a field is its name in capitals after
    `LOOKBACK_MAX_`; there 0 and nothing mean no limit, too."""

    upload_mb: float | None = None  # of one file
    jobs: float | None = None  # of one visitor that wait or run
    values: float | None = None  # rows × features × window length of a training
    steps: float | None = None  # optimizer steps of all networks of a training
    epochs: float | None = None  # in place of steps, where the budget counts epochs
    store_gb: float | None = None  # of everything that is saved

    def check_upload(self, size: int) -> None:
        """Raise JobError for a file of more bytes than may be uploaded."""
        if self.upload_mb is not None and size > self.upload_mb * MB:
            raise JobError(
                message(
                    "The file has {size} MB; this server takes files of up to {most} MB. Leave out columns or rows, or "
                    "save it as Parquet.",
                    size=f"{size / MB:,.1f}",
                    most=f"{self.upload_mb:g}",
                )
            )

    def check_jobs(self, count: int) -> None:
        """Raise JobError if a visitor with so many jobs that are not over may not start another."""
        if self.jobs is not None and count >= self.jobs:
            raise JobError(
                message_n(
                    "You have {count} job that waits or runs; this server takes {most} of one visitor. Wait until it "
                    "has ended, or cancel it.",
                    "You have {count} jobs that wait or run; this server takes {most} of one visitor. Wait until one "
                    "has ended, or cancel one.",
                    count,
                    most=f"{self.jobs:g}",
                )
            )

    def check_training(self, rows: int, features: int, lookback: int, budget: int, unit: str) -> None:
        """Raise JobError for a training of more values (rows × features × window length) than allowed, or of a greater
        budget: so many steps or epochs, as `unit` says, of all its networks."""
        values = rows * features * lookback
        if self.values is not None and values > self.values:
            raise JobError(
                message(
                    "{rows} rows × {features} features × {lookback} past steps are {values} values; this server trains "
                    "on {most}. Shorten the window, take fewer features, or begin the series later.",
                    rows=f"{rows:,}",
                    features=features,
                    lookback=lookback,
                    values=f"{values:,}",
                    most=f"{self.values:,.0f}",
                )
            )
        most = self.epochs if unit == "epoch" else self.steps
        if most is None or budget <= most:
            return
        parts = {"budget": f"{budget:,}", "most": f"{most:,.0f}"}
        if unit == "epoch":
            raise JobError(
                message(
                    "The networks of this recipe train for {budget} epochs together; this server allows {most}. Lower "
                    "the epochs, or train fewer networks.",
                    **parts,
                )
            )
        raise JobError(
            message(
                "The networks of this recipe train for {budget} steps together; this server allows {most}. Lower the "
                "training steps, or train fewer networks.",
                **parts,
            )
        )

    def check_store(self, size: int) -> None:
        """Raise JobError if what is saved has so many bytes that no job that saves more may begin."""
        if self.store_gb is not None and size >= self.store_gb * GB:
            raise JobError(
                message(
                    "What is saved takes {size} GB; this server keeps {most} GB. Delete runs on the page Runs, or "
                    "backtests on the page Backtest.",
                    size=f"{size / GB:,.1f}",
                    most=f"{self.store_gb:g}",
                )
            )


DEFAULTS = Quotas(upload_mb=50, jobs=200, values=5e9, steps=10_000_000, epochs=50_000, store_gb=100)


def read(environment: Mapping[str, str] = os.environ) -> Quotas:
    """The quotas of a server: its settings, else generous defaults. Raises JobError for one that is no number."""
    return Quotas(**{one.name: _read(one.name, environment) for one in fields(Quotas)})


def _read(name: str, environment: Mapping[str, str]) -> float | None:
    variable = PREFIX + name.upper()
    text = environment.get(variable)
    if text is None:
        return getattr(DEFAULTS, name)
    try:
        most = float(text or 0)
        if not 0 <= most < float("inf"):
            raise ValueError(text)
    except ValueError:
        raise JobError(
            message("{variable} is the most of something, 0 for no limit; got {text}.", variable=variable, text=text)
        ) from None
    return most or None
