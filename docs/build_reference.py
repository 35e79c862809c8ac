"""Pages of the site that are generated from the code: the Python API, the fields of the recipe, and what it can choose
from (an MkDocs hook).

`python -m docs.build_reference` prints them.
"""

import inspect
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # mkdocs starts from its own folder

import core
from core.cli.catalogues import CATALOGUES
from core.spec import PARTS, Spec
from core.spec.convert import RENAMED
from core.spec.fields import Field, fields_of

ROOT = Path(__file__).resolve().parents[1]
API, RECIPE, REGISTRIES, DECISIONS = "reference/api.md", "reference/recipe.md", "reference/registries.md", "decisions/"


# --- MkDocs hooks ----------------------------------------------------------------------------------------------------


def on_config(config: Any) -> Any:
    """Put the version into the title of the site and every decision into its menu."""
    config.site_name = f"{config.site_name} {core.__version__}"
    for entry in config.nav:
        if entry.get("Decisions") == DECISIONS:
            entry["Decisions"] = [
                {_title(path): f"{DECISIONS}{path.name}"} for path in sorted((ROOT / "docs" / DECISIONS).glob("*.md"))
            ]
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add the generated pages."""
    from mkdocs.structure.files import File

    for path, text in ((API, api_page()), (RECIPE, recipe_page()), (REGISTRIES, registries_page())):
        files.append(File.generated(config, path, content=text))
    return files


def _title(page: Path) -> str:
    return page.read_text().split("\n", 1)[0].removeprefix("# ")


# --- the Python API --------------------------------------------------------------------------------------------------


def public_names() -> dict[str, Any]:
    """The functions and classes that `core` exports, by name."""
    exported = {name: getattr(core, name) for name in getattr(core, "__all__", ())}
    return {name: value for name, value in exported.items() if callable(value) and not isinstance(value, ModuleType)}


def api_page() -> str:
    """Markdown that mkdocstrings expands: one entry per exported name, with its public methods."""
    lines = ["# Python API", "", "`import core as lb`. Everything below is exported by `core`.", ""]
    for value in public_names().values():
        lines += [f"::: {value.__module__}.{value.__qualname__}", ""]
    return "\n".join(lines)


# --- the recipe ------------------------------------------------------------------------------------------------------


def recipe_page() -> str:
    """Markdown tables of every field of the recipe: path, label, values, default and help."""
    hints = get_type_hints(Spec)
    lines = [
        "# The recipe",
        "",
        "Every field of a recipe (`core.spec.Spec`), by its path. Set one with `--set path=value` on the command line, "
        "or as a key of the JSON that `python -m core spec` prints.",
        "",
        *_table("The recipe itself", "", Spec),
    ]
    for part in PARTS:
        lines += _table(f"`{part}`", f"{part}.", hints[part])
    lines += ["## Former names", "", "Recipes and runs saved by earlier versions use these; they keep working.", ""]
    lines += ["| former name | name |", "|---|---|", *(f"| `{old}` | `{new}` |" for old, new in RENAMED.items())]
    return "\n".join(lines) + "\n"


def _table(title: str, prefix: str, kind: Any) -> list[str]:
    hints, default = get_type_hints(kind), kind()
    rows = [
        f"| `{prefix}{name}` | {field.label} | {_values(field, hints[name])} | {_default(getattr(default, name))} | "
        f"{_cell(field.help)} |"
        for name, field in fields_of(kind)
    ]
    lead = [] if kind.__doc__.startswith(f"{kind.__name__}(") else [inspect.cleandoc(kind.__doc__), ""]
    return [f"## {title}", "", *lead, "| path | label | values | default | |", "|---|---|---|---|---|", *rows, ""]


def registries_page() -> str:
    """Markdown tables of every model, target, feature, baseline, interval method, source and sample."""
    lines = [
        "# Models, targets, features …",
        "",
        "What a recipe can choose from; `python -m core NAME` prints each list.",
    ]
    for name, catalogue in CATALOGUES.items():
        rows = (f"| `{item['name']}` | {_cell(item['title'])} | {_cell(item['text'])} |" for item in catalogue())
        lines += ["", f"## {name.capitalize()}", "", "| name | title | |", "|---|---|---|", *rows]
    return "\n".join(lines) + "\n"


def _values(field: Field, hint: Any) -> str:
    """The choices or the range of a field; otherwise its type."""
    if field.choices:
        return ", ".join(f"`{choice}`" for choice in field.choices)
    name = getattr(hint, "__name__", str(hint)) if isinstance(hint, type) else str(hint)
    words = [("tuple[str, ...]", "a list"), ("int", "whole number"), ("float", "number"), ("bool", "true or false")]
    for code, word in [*words, ("str", "text"), ("None", "none")]:
        name = re.sub(rf"(?<!\w){re.escape(code)}(?!\w)", word, name)
    text, scale = name.replace(" | ", " or "), ", log scale" if field.scale == "log" else ""
    if field.low is None and field.high is None:
        return text + scale
    if field.high is None:
        return f"{text}, at least {_number(field.low)}{scale}"
    if field.low is None:
        return f"{text}, at most {_number(field.high)}{scale}"
    return f"{text}, {_number(field.low)} to {_number(field.high)}{scale}"


def _number(value: float | None) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _default(value: Any) -> str:
    if value is None or value == ():
        return "none"
    text = ",".join(value) if isinstance(value, tuple) else str(value).lower() if isinstance(value, bool) else value
    return f"`{text}`"


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


if __name__ == "__main__":
    print(api_page(), recipe_page(), registries_page(), sep="\n")
