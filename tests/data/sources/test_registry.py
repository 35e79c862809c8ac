"""Every data source has one record, and the recipe offers exactly these sources."""

import dataclasses

import pytest

from core.data import covariates
from core.data.sources.registry import SOURCES
from core.spec import Data
from core.spec.fields import fields_of


def test_the_recipe_offers_the_registered_sources() -> None:
    assert dict(fields_of(Data))["source"].choices == tuple(SOURCES)


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_is_complete_and_frozen(name: str) -> None:
    source = SOURCES[name]
    assert source.name == name and source.title and name != covariates.NEWS
    with pytest.raises(dataclasses.FrozenInstanceError):
        source.title = "another"


def test_covariates_come_from_every_source_that_can_be_joined_and_from_news() -> None:
    assert covariates.JOINABLE == ("sample", "yahoo", "krx", "fred", "file", "news")
    assert [covariates.parse(f"{name}:X@2").source for name in covariates.JOINABLE] == list(covariates.JOINABLE)
