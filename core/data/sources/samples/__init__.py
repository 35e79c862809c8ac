"""Real series that ship inside installed packages: available at once, without a network.

A new one is a `Sample` in a module of this folder; its values come from the file of an installed package.
"""

from pathlib import Path

import pandas as pd

from core.data.frame import build
from core.data.sources.samples.activity import ACTIVITY
from core.data.sources.samples.markets import LONG_HISTORIES, MARKETS
from core.data.sources.samples.nature import NATURE
from core.data.sources.samples.sample import Sample
from core.data.sources.samples.together import check_together
from core.data.sources.source import Source
from core.errors import SourceError
from core.language import message
from core.spec import Data, Spec, with_values

SAMPLES: dict[str, Sample] = {sample.name: sample for sample in (*MARKETS, *NATURE, *ACTIVITY, *LONG_HISTORIES)}
FIELDS = tuple(dict.fromkeys(sample.field for sample in SAMPLES.values()))


def recipe(*names: str) -> Spec:
    """Return the recipe of the first of these samples, for all of them; for one it trains in well under a minute.

    Raises SourceError for an unknown name.
    """
    chosen = [_find(name) for name in names]
    return with_values(Spec(), {"data.symbols": tuple(one.name for one in chosen), **dict(chosen[0].recipe)})


def load(name: str) -> pd.DataFrame:
    """Return the plain table (T, columns) of the sample `name`, sorted by time, in the units that `Sample.text` says.

    Prices are adjusted for splits and dividends. Raises SourceError for an unknown name and for a series whose package
    is not installed.
    """
    table = _find(name).read()
    table.index.name = "time"
    return table.sort_index()


def _find(name: str) -> Sample:
    key = name.strip().upper()
    if key not in SAMPLES:
        raise SourceError(
            message("There is no sample {name}. There are: {samples}.", name=repr(name), samples=", ".join(SAMPLES))
        )
    return SAMPLES[key]


def _load_recipe(data: Data, cache: Path) -> pd.DataFrame:
    tables = {_find(name).name: load(name) for name in data.symbols}
    check_together(tables)
    return build(tables)


def _load_covariate(name: str, data: Data, cache: Path) -> tuple[pd.DataFrame, list[str]]:
    return load(name), []


SOURCE = Source(name="sample", title="Bundled", load=_load_recipe, load_covariate=_load_covariate, bundled=True)
