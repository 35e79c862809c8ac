"""The generated reference is complete: every exported name says what it does, every field of the recipe is listed."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

import core
from core.spec import paths
from docs import build_reference as reference

ROOT = Path(__file__).resolve().parents[1]


def undocumented(names: dict[str, Any]) -> list[str]:
    """The functions, classes and public methods of `names` without a docstring of their own."""
    missing = []
    for name, value in names.items():
        if not value.__doc__ or value.__doc__.startswith(f"{name}("):  # a dataclass describes itself by its fields
            missing.append(name)
        if inspect.isclass(value):
            missing += [
                f"{name}.{method}"
                for method, member in vars(value).items()
                if not method.startswith("_") and (callable(member) or isinstance(member, property))
                if not inspect.getdoc(member)
            ]
    return missing


def test_every_exported_name_has_a_docstring() -> None:
    assert undocumented(reference.public_names()) == []


def test_a_missing_docstring_is_detected() -> None:
    class Silent:
        """A class with one silent method."""

        def act(self) -> None: ...

    assert undocumented({"Silent": Silent, "silent": Silent.act}) == ["Silent.act", "silent"]


def test_the_api_page_lists_every_exported_name() -> None:
    entries = re.findall(r"^::: (\S+)$", reference.api_page(), re.MULTILINE)
    assert [entry.rpartition(".")[2] for entry in entries] == [
        v.__qualname__ for v in reference.public_names().values()
    ]


def test_the_recipe_page_lists_every_field() -> None:
    rows = re.findall(r"^\| `([\w.]+)` \| (.+?) \| (.+?) \| (.+?) \|", reference.recipe_page(), re.MULTILINE)
    assert sorted(path for path, *_ in rows) == sorted(paths())
    assert all(label and values and default for _, label, values, default in rows)


def test_the_recipe_page_says_range_and_default() -> None:
    page = reference.recipe_page()
    assert "| `window.lookback` | Window length | whole number, 0 to 1,000 | `0` |" in page
    assert "`quantiles`, `point`, `gaussian`" in page


def test_the_changelog_has_the_version() -> None:
    assert f"## {core.__version__}\n" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_links_to_files_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / page).read_text())
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("page", ["security.md", "deployment.md", "reliability.md"])
def test_every_test_that_a_page_names_exists(page: str) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "docs" / page).read_text())
    assert named
    assert [f"{file}::{test}" for file, test in named if f"def {test}" not in (ROOT / file).read_text()] == []
