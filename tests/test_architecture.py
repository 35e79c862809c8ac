"""Every import of the product is checked against the layers, and modules against the rules for code."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TYPES = {"core.errors", "core.language", "core.spec", "core.events", "core.threads", "core.types"}
# Modules next to the packages of core.
TOP = {"__init__", "__main__", "backtest", "errors", "events", "pipeline", "threads", "types"}

# What each package may import, apart from itself and third parties, from the bottom up. An entry allows the module and
# everything inside it.
LAYERS = {
    "core.errors": set(),
    "core.events": set(),
    "core.language": set(),
    "core.threads": set(),
    "core.spec": {"core.errors", "core.language"},
    "core.types": {"core.spec", "core.events"},
    "core.jobs": {"core.errors", "core.events", "core.language", "core.threads"},
    "core.data": TYPES,
    "core.features": TYPES,
    "core.models": TYPES,
    "core.datasets": TYPES | {"core.data", "core.features"},
    "core.training": TYPES | {"core.baselines", "core.datasets", "core.features", "core.models"},
    "core.baselines": TYPES | {"core.datasets"},
    "core.intervals": TYPES | {"core.baselines", "core.datasets"},
    "core.forecasting": TYPES | {"core.baselines", "core.datasets", "core.intervals", "core.models"},
    "core.evaluation": TYPES | {"core.baselines", "core.datasets", "core.forecasting", "core.models"},
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
        "core.pipeline",
        "core.training",
    },
    "core.tuning": TYPES
    | {
        "core.backtest",
        "core.data",
        "core.datasets",
        "core.evaluation",
        "core.forecasting",
        "core.jobs",
        "core.models",
        "core.pipeline",
        "core.storage",
        "core.training",
    },
    "core.charts": TYPES
    | {
        "core.baselines",
        "core.datasets",
        "core.evaluation",
        "core.explain",
        "core.forecasting",
        "core.models",
        "core.tuning",
    },
    "core.report": TYPES
    | {
        "core.baselines",
        "core.charts",
        "core.data",
        "core.datasets",
        "core.evaluation",
        "core.features",
        "core.models",
        "core.storage",
    },
    "core.tracking": TYPES
    | {
        "core.data",
        "core.datasets",
        "core.evaluation",
        "core.explain",
        "core.forecasting",
        "core.jobs",
        "core.models",
        "core.pipeline",
        "core.storage",
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
    paths = [ROOT / "app.py", *(path for folder in ("core", "pages", "ui") for path in (ROOT / folder).rglob("*.py"))]
    return sorted(path for path in paths if path.is_file())


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
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            source = node.module or ""
            if node.level:
                source = ".".join([*package.split(".")[: len(package.split(".")) - node.level + 1], source]).strip(".")
            imported = {f"{source}.{alias.name}" for alias in node.names}
            submodules = imported & modules().keys()
            names |= submodules | ({source} if len(submodules) < len(imported) else set())
    return frozenset(names)


def own_imports(module: str) -> set[str]:
    """The imports of `module` that are part of the product."""
    return {name for name in imports(module) if name.split(".")[0] in {"core", "ui", "pages", "app", "tests"}}


def package_of(module: str) -> str:
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "core" else parts[0]


def belongs_to(module: str, entry: str) -> bool:
    return module == entry or module.startswith(entry + ".")


def breaches(module: str) -> list[str]:
    """The imports of `module` that its layer does not allow."""
    package = package_of(module)
    allowed = LAYERS[package] | {package} if package not in {"pages", "app"} else LAYERS[package]
    return sorted(name for name in own_imports(module) if not any(belongs_to(name, entry) for entry in allowed))


def test_imports_of_every_kind_are_read() -> None:
    core = [name for name in modules() if belongs_to(name, "core")]
    assert len(core) > 40
    assert "core.forecasting.forecast" in imports("core.pipeline")  # inside a function
    assert "core.models.network" in imports("core.training.trainer")  # under TYPE_CHECKING
    assert "core.datasets.targets" in imports("core.datasets.windows")  # "from core.datasets import targets"
    assert "core.features.registry" in imports("core.features")


def test_every_package_has_a_layer() -> None:
    packages = {package_of(name) for name in modules() if name not in {"core", "ui", "pages"}}
    assert packages - LAYERS.keys() == set()


def test_the_top_level_of_core_is_small() -> None:
    assert {path.stem for path in (ROOT / "core").glob("*.py")} <= TOP


def test_every_entry_of_a_layer_is_used() -> None:
    used: dict[str, set[str]] = {package: set() for package in LAYERS}
    for module in modules():
        used.setdefault(package_of(module), set()).update(own_imports(module))
    unused = {
        (package, entry)
        for package, allowed in LAYERS.items()
        for entry in allowed - TYPES - {"core", "ui"}
        if not any(belongs_to(name, entry) for name in used[package])
    }
    assert unused == set()


def test_imports_point_downward_only() -> None:
    assert {name: forbidden for name in modules() if name != "core" and (forbidden := breaches(name))} == {}


def test_breaches_are_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LAYERS, "core.datasets", LAYERS["core.datasets"] - {"core.features"})
    assert breaches("core.datasets.panel") == ["core.features.registry"]


def test_layers_have_no_cycle() -> None:
    graph = {
        package: {entry for entry in LAYERS if any(belongs_to(entry, a) or belongs_to(a, entry) for a in allowed)}
        - {package}
        for package, allowed in LAYERS.items()
        if "core" not in allowed  # the API, the command line and the screen may import every package
    }
    assert cycle(graph) == []


def test_imports_have_no_cycle() -> None:
    graph = {name: {other for other in own_imports(name) if other in modules()} for name in modules()}
    assert cycle(graph) == []


def test_cycles_are_detected() -> None:
    assert cycle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})


def cycle(graph: dict[str, set[str]]) -> list[str]:
    """The nodes of `graph` that lie on cycles or lead to them; empty if there are none."""
    left = {name: set(others) for name, others in graph.items()}
    while True:
        free = {name for name, others in left.items() if not others & left.keys()}
        if not free:
            return sorted(left)
        left = {name: others for name, others in left.items() if name not in free}


def test_core_does_not_import_the_screen() -> None:
    above = {"streamlit", "ui", "pages", "app"}
    assert {
        module: sorted(forbidden)
        for module in modules()
        if belongs_to(module, "core")
        if (forbidden := {name.split(".")[0] for name in imports(module)} & above)
    } == {}


def test_the_product_imports_no_tests() -> None:
    assert [name for name in modules() if any(belongs_to(other, "tests") for other in imports(name))] == []


@pytest.mark.parametrize(
    "module", ["core.pipeline", "core.explain.recurrent_cell", "core.storage.runs", "core.data.load", "core.jobs.queue"]
)
def test_importing_loads_no_heavy_library(module: str) -> None:
    code = f"import sys, {module}; print(*sorted(set(sys.modules) & {set(HEAVY)!r}))"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.split() == []


def test_files_are_short() -> None:
    assert {
        str(path.relative_to(ROOT)): lines
        for path in files()
        if (lines := len(path.read_text().splitlines())) > (120 if path.parent.name == "pages" else 300)
    } == {}


def test_every_module_has_a_docstring() -> None:
    assert [name for name, path in modules().items() if not ast.get_docstring(ast.parse(path.read_text()))] == []


def test_nothing_is_unpickled_or_evaluated() -> None:
    forbidden = {"pickle", "joblib", "dill", "shelve", "marshal"}
    assert {m: used for m in modules() if (used := {n.split(".")[0] for n in imports(m)} & forbidden)} == {}
    calls = [
        name
        for name, path in modules().items()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"eval", "exec"}
    ]
    assert calls == []
