"""FinanceDataReader, an optional library that reads the Korean exchange and FRED: quiet, and with errors that show."""

import importlib
from typing import Any

from core.data.sources.histories import Failure, retry_hint
from core.data.sources.network import describe, http_status
from core.errors import SourceError
from core.language import join, message

INSTALL = "pip install finance-datareader"


def reader(module: str) -> Any:
    """Return a module of the library that prints nothing. Raises SourceError if the library is not installed."""
    try:
        package = importlib.import_module(f"FinanceDataReader.{module}")
    except ModuleNotFoundError as error:
        raise SourceError(
            message(
                "This source needs the package finance-datareader, which is not installed ({module}). Install it "
                "with: {install}.",
                module=error.name,
                install=INSTALL,
            )
        ) from error
    vars(package)["print"] = _print_nothing  # it prints errors; standard output is for answers
    return package


def check_answer(url: str) -> str:
    """Return the text of an answer that the library took for nothing. Raises what keeps the service from answering.

    The library turns every error into an empty table: the same request once more tells an unknown symbol from an
    outage.
    """
    import requests

    answer = requests.get(url, timeout=10)
    answer.raise_for_status()
    return answer.text


def explain(service: str, symbol: str, error: Exception, advice: str) -> Failure:
    """Return what an error means, in a sentence: an unknown symbol with `advice`, or a service out of order."""
    if isinstance(error, LookupError) or http_status(error) == 404:
        return Failure(
            text=join([message("{service} has no series {symbol}.", service=service, symbol=repr(symbol)), advice])
        )
    if isinstance(error, ValueError) and not http_status(error):
        return Failure(
            text=join(
                [
                    message(
                        "{service} answered for {symbol} with a page that cannot be read, perhaps a login or block "
                        "page of this network.",
                        service=service,
                        symbol=symbol,
                    ),
                    retry_hint(),
                ]
            )
        )
    return Failure(
        text=join(
            [
                message(
                    "{service} is out of order: it answered for {symbol} with an error ({error}).",
                    service=service,
                    symbol=symbol,
                    error=describe(error),
                ),
                retry_hint(),
            ]
        )
    )


def _print_nothing(*_: object, **__: object) -> None:
    return
