"""What is known of a bundled series without loading it, and the installed package that its values come from."""

import dataclasses
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from core.errors import SourceError
from core.language import message

Settings = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package on PyPI that ships series: `module` is its folder, `licence` that of the package and of its data.

    `install` is the command for a package that the app itself does not require.
    """

    name: str
    module: str
    licence: str
    install: str = "pip install -r requirements.txt"

    @property
    def installed(self) -> bool:
        """Whether the package is there; it is not imported for that."""
        return importlib.util.find_spec(self.module) is not None

    @property
    def folder(self) -> Path:
        """The folder of its module, found without importing it. Raises SourceError if it is not installed."""
        spec = importlib.util.find_spec(self.module)
        if spec is None or not spec.submodule_search_locations:
            raise SourceError(
                message(
                    "This series comes inside the package {name}, which is not installed. Install it with: {install}",
                    name=self.name,
                    install=self.install,
                )
            )
        return Path(spec.submodule_search_locations[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The description of one bundled series, known without loading it.

    `kind` is prices, level or count; `target` is the default column to forecast; `interval` is in words. `recipe` is
    what differs from the default recipe, as dotted paths and values; `forecasts` says in words what it forecasts.
    `read` returns the plain table (T, columns) from `package`, in the units that `text` says.
    """

    name: str
    title: str
    field: str
    kind: str
    target: str
    interval: str
    text: str
    forecasts: str
    recipe: Settings
    package: Package
    read: Callable[[], pd.DataFrame]

    def describe(self) -> dict[str, Any]:
        """The fields as plain values, for JSON; with the name and the licence of the package."""
        own = {one.name: getattr(self, one.name) for one in dataclasses.fields(self)}
        del own["read"], own["package"]
        return {
            **own,
            "package": self.package.name,
            "licence": self.package.licence,
            "installed": self.package.installed,
        }


def column(name: str, horizon: int, features: tuple[str, ...], *more: tuple[str, Any]) -> Settings:
    """Return the settings that forecast this column at every step up to the horizon, from these features."""
    return (
        ("target.kind", "column"),
        ("target.column", name),
        ("target.horizon", horizon),
        ("features", features),
        *more,
    )
