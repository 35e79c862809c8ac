"""The data sources, by the name that a recipe gives them."""

from core.data.sources import fred, krx, samples, uploads, yahoo
from core.data.sources.source import Source

SOURCES: dict[str, Source] = {
    source.name: source for source in (samples.SOURCE, yahoo.SOURCE, krx.SOURCE, fred.SOURCE, uploads.SOURCE)
}
