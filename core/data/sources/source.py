"""What the product knows about a place that series come from."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from core.spec import Data


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One data source. A new one is a module in this package with its `Source`, and a line in `registry.SOURCES`.

    `load(data, cache)` returns the frame of `data.symbols`, with sentences for the user in `frame.attrs["notes"]`; it
    may cover more than the dates of the recipe. `load_covariate(name, data, cache)` returns the plain table of one
    series that is joined to the series of `data`, and such sentences; None if series of this source cannot be joined.
    Both may store files under `cache`, raise DataError or SourceError, and import heavy libraries only when called.
    """

    name: str  # of `data.source` in a recipe, and at the beginning of an entry of `data.join`
    title: str  # on the screen
    load: Callable[[Data, Path], pd.DataFrame]
    load_covariate: Callable[[str, Data, Path], tuple[pd.DataFrame, list[str]]] | None = None
    named_by_digest: bool = False  # its series have no names of their own: a joined column is called by its column
    bundled: bool = False  # its series come inside installed packages: everybody has the same
    online: bool = False  # it asks the network, and may have newer rows the next time
    exchange_from_symbol: bool = True  # a symbol tells the exchange, and with it the time at which a session closes
