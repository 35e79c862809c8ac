"""Reads every import of the product and holds them against the layers."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TYPES = {"core.errors", "core.spec", "core.events", "core.types"}
TOP = {"__init__", "__main__", "backtest", "errors", "events", "pipeline", "types"}  # modules beside the rooms of core

# What each room may import, beside itself and third parties, from the bottom up. An entry allows the module and all
# below it.
LAYERS = {
    "core.errors": set(),
    "core.events": set(),
    "core.spec": {"core.errors"},
    "core.types": {"core.spec", "core.events"},
    "core.jobs": {"core.errors", "core.events"},
    "core.data": TYPES,
    "core.features": TYPES,
    "core.models": TYPES,
    "core.datasets": TYPES | {"core.data", "core.features"},
    "core.training": TYPES | {"core.datasets", "core.features", "core.models"},
    "core.baselines": TYPES | {"core.datasets"},
    "core.intervals": TYPES | {"core.baselines", "core.datasets"},
    "core.forecasting": TYPES | {"core.baselines", "core.datasets", "core.intervals", "core.models"},
    "core.evaluation": TYPES | {"core.baselines", "core.datasets", "core.forecasting"},
    "core.explain": TYPES
    | {
        "core.baselines",
        "core.datasets",
        "core.evaluation",
        "core.features",
        "core.forecasting",
        "core.intervals",
        "core.models",
        "core.training",
    },
    "core.storage": TYPES | {"core.data.frame", "core.evaluation", "core.explain"},
    "core.charts": TYPES
    | {"core.baselines", "core.datasets", "core.evaluation", "core.explain", "core.forecasting", "core.models"},
    "core.pipeline": TYPES
    | {
        "core.data",
        "core.datasets",
        "core.evaluation",
        "core.explain",
        "core.forecasting",
        "core.intervals",
        "core.models",
        "core.training",
    },
    "core.backtest": TYPES
    | {
        "core.data",
        "core.datasets",
        "core.evaluation",
        "core.features",
        "core.forecasting",
        "core.intervals",
        "core.pipeline",
        "core.training",
    },
    "core.api": {"core"},
    "core.cli": {"core"},
    "core.__main__": {"core"},
    "ui": {"core"},
    "pages": {"ui", "core"},
    "app": {"ui", "core"},
}
HEAVY = (
    "torch",
    "shap",
    "arch",
    "statsmodels",
    "lightgbm",
    "statsforecast",
    "distributed",
    "yfinance",
    "optuna",
    "numba",
    "sklearn",
    "streamlit",
)


def files() -> list[Path]:
    """Every Python file of the product."""
    found = [ROOT / "app.py", *(path for room in ("core", "pages", "ui") for path in (ROOT / room).rglob("*.py"))]
    return sorted(path for path in found if path.is_file())


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    return {module_of(path): path for path in files()}


@cache
def imports(module: str) -> frozenset[str]:
    """Every module that `module` imports, at its top or inside a function, by full name."""
    path = modules()[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            source = node.module or ""
            if node.level:
                source = ".".join([*package.split(".")[: len(package.split(".")) - node.level + 1], source]).strip(".")
            named = {f"{source}.{alias.name}" for alias in node.names}
            inside = named & modules().keys()
            found |= inside | ({source} if len(inside) < len(named) else set())
    return frozenset(found)


def ours(module: str) -> set[str]:
    return {name for name in imports(module) if name.split(".")[0] in {"core", "ui", "pages", "app", "tests"}}


def room_of(module: str) -> str:
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "core" else parts[0]


def below(module: str, entry: str) -> bool:
    return module == entry or module.startswith(entry + ".")


def breaches(module: str) -> list[str]:
    """The imports of `module` that its layer does not allow."""
    room = room_of(module)
    allowed = LAYERS[room] | {room} if room not in {"pages", "app"} else LAYERS[room]
    return sorted(name for name in ours(module) if not any(below(name, entry) for entry in allowed))


def test_the_reader_of_imports_sees_the_product() -> None:
    core = [name for name in modules() if below(name, "core")]
    assert len(core) > 40
    assert "core.forecasting.forecast" in imports("core.pipeline")  # inside a function, as "from core import forecast"
    assert "core.models.network" in imports("core.training.trainer")  # under TYPE_CHECKING
    assert "core.datasets.targets" in imports("core.datasets.windows")  # "from core.datasets import targets"
    assert "core.features.registry" in imports("core.features")


def test_every_room_has_a_layer() -> None:
    rooms = {room_of(name) for name in modules() if name != "core" and name != "ui" and name != "pages"}
    assert rooms - LAYERS.keys() == set()


def test_the_top_of_core_is_small() -> None:
    assert {path.stem for path in (ROOT / "core").glob("*.py")} <= TOP


def test_no_layer_is_stale() -> None:
    """Every entry of the table names something that exists and that the room imports."""
    used = {room: {name for module in modules() if room_of(module) == room for name in ours(module)} for room in LAYERS}
    stale = {
        (room, entry)
        for room, allowed in LAYERS.items()
        for entry in allowed - TYPES - {"core", "ui"}
        if not any(below(name, entry) for name in used[room])
    }
    assert stale == set()


def test_imports_point_downward_only() -> None:
    assert {name: found for name in modules() if name != "core" and (found := breaches(name))} == {}


def test_a_breach_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LAYERS, "core.datasets", LAYERS["core.datasets"] - {"core.features"})
    assert breaches("core.datasets.panel") == ["core.features.registry"]


def test_the_layers_themselves_have_no_cycle() -> None:
    graph = {
        room: {entry for entry in LAYERS if any(below(entry, a) or below(a, entry) for a in allowed)} - {room}
        for room, allowed in LAYERS.items()
        if "core" not in allowed  # the API, the command line and the screen stand above all rooms
    }
    assert cycle(graph) == []


def test_no_import_cycles() -> None:
    graph = {name: {other for other in ours(name) if other in modules()} for name in modules()}
    assert cycle(graph) == []


def test_a_cycle_would_be_seen() -> None:
    assert cycle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})


def cycle(graph: dict[str, set[str]]) -> list[str]:
    """What is left of `graph` when everything that imports nothing of the rest is taken away, again and again."""
    left = {name: set(others) for name, others in graph.items()}
    while True:
        free = {name for name, others in left.items() if not others & left.keys()}
        if not free:
            return sorted(left)
        left = {name: others for name, others in left.items() if name not in free}


def test_core_knows_no_screen() -> None:
    above = {"streamlit", "ui", "pages", "app"}
    assert {
        m: sorted(found)
        for m in modules()
        if below(m, "core")
        if (found := {name.split(".")[0] for name in imports(m)} & above)
    } == {}


def test_the_product_imports_no_tests() -> None:
    assert [name for name in modules() if any(below(other, "tests") for other in imports(name))] == []


@pytest.mark.parametrize(
    "module", ["core.pipeline", "core.explain.recurrent_cell", "core.storage.runs", "core.data.load", "core.jobs.queue"]
)
def test_importing_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(*sorted(set(sys.modules) & {set(HEAVY)!r}))"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.split() == []


def test_files_are_short() -> None:
    assert {
        str(path.relative_to(ROOT)): lines
        for path in files()
        if (lines := len(path.read_text().splitlines())) > (120 if path.parent.name == "pages" else 300)
    } == {}


def test_every_module_says_what_lives_there() -> None:
    assert [name for name, path in modules().items() if not ast.get_docstring(ast.parse(path.read_text()))] == []


def test_nothing_is_unpickled_or_evaluated() -> None:
    forbidden = {"pickle", "joblib", "dill", "shelve", "marshal"}
    assert {m: found for m in modules() if (found := {n.split(".")[0] for n in imports(m)} & forbidden)} == {}
    calls = [
        name
        for name, path in modules().items()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"eval", "exec"}
    ]
    assert calls == []
