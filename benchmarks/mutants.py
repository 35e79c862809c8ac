"""What the tests notice: python -m benchmarks.mutants [--sample 300] [--seed 0] [--rooms datasets,intervals,…]

A sample of small changes (cosmic-ray) to the rooms that decide the numbers, each in a copy of the project: the tests of
these rooms, and the wide ones, run until one fails, as far as they reach the changed line: those of its module, and up
to a minute of others. A mutant on which no test fails is lost and printed with its line; more than a tenth of them end
the command with 1.
"""

import argparse
import ast
import difflib
import importlib.util
import random
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.reached_lines import Reached, measure

ROOT = Path(__file__).parents[1]
ROOMS = ("datasets", "intervals", "evaluation", "training")
WIDE = ("tests/test_pipeline.py", "tests/test_leakage.py", "tests/test_same_numbers.py")
GUARD = re.compile("@dataclass|strict=")  # lines with flags that only make a mistake an error
SECONDS = 60.0  # of tests for a change: those of its module, then the quickest of the others
LEFT_OUT = (".venv*", ".git", ".hypothesis", "__pycache__", "*_cache", "runs", "cache", "site", "build")  # of the copy
CHANGES = (  # one for each kind of place: many for the same would fill the sample
    *(
        f"ReplaceBinaryOperator_{pair}"
        for pair in ("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Mul", "Pow_Mul")
    ),
    *(f"ReplaceComparisonOperator_{pair}" for pair in ("Eq_NotEq", "NotEq_Eq", "Lt_LtE", "LtE_Lt", "Gt_GtE", "GtE_Gt")),
    *(f"ReplaceComparisonOperator_{pair}" for pair in ("Is_IsNot", "IsNot_Is")),
    *("ReplaceUnaryOperator_USub_UAdd", "ReplaceUnaryOperator_Delete_Not", "AddNot", "NumberReplacer"),
    *("ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd", "ZeroIterationForLoop"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """The change of this name at its n-th place in a file, whose path is relative to the project."""

    file: str
    change: str
    number: int


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rooms", default=",".join(ROOMS))
    options = parser.parse_args(arguments)
    if importlib.util.find_spec("cosmic_ray") is None:
        print("cosmic-ray is not installed: pip install cosmic-ray")
        return 2
    every = [mutant for room in options.rooms.split(",") for mutant in places(ROOT / "core" / room)]
    sample = random.Random(options.seed).sample(every, min(options.sample, len(every)))
    print(f"{len(sample)} of {len(every):,} places", flush=True)
    lost = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
        reached = measure(tests_of(options.rooms.split(",")), copy)
        print(f"{len(reached.seconds):,} tests take {sum(reached.seconds.values()):.0f} s", flush=True)
        for tried, mutant in enumerate(sample, start=1):
            if survives(mutant, copy, reached):
                lost += 1
                print(_describe(mutant, copy), flush=True)
            print(f"tried {tried}  killed {tried - lost}  lost {lost}", flush=True)
    return 1 if lost > len(sample) / 10 else 0


def places(room: Path) -> list[Mutant]:
    """Every place of a room where one of the changes can do something to a sound program."""
    from cosmic_ray.ast import ast_nodes, get_ast

    mutants = []
    for path in sorted(room.rglob("*.py")):
        nodes, lines = list(ast_nodes(get_ast(path.read_text()))), path.read_text().splitlines()
        for change in CHANGES:
            starts = [start for node in nodes for start, _ in _operator(change).mutation_positions(node)]
            file = path.relative_to(ROOT).as_posix()
            mutants += [
                Mutant(file=file, change=change, number=number)
                for number, (line, _) in enumerate(starts)
                if not GUARD.search(lines[line - 1])
            ]
    return mutants


def survives(mutant: Mutant, copy: Path, reached: Reached) -> bool:
    """Whether the tests pass that run the changed line, on the copy of the project with this change."""
    path = copy / mutant.file
    sound = path.read_text()
    changed = _changed(mutant, sound)
    room = Path("tests").joinpath(*Path(mutant.file).parts[1:-1])
    own = (room / f"test_{path.stem}.py").as_posix()
    tests = reached.tests(path, _statement(sound, _lines(sound, changed)), own, SECONDS)
    try:
        path.write_text(changed)
        return reached.passes(tests, copy)
    finally:
        path.write_text(sound)


def tests_of(rooms: list[str]) -> list[str]:
    """The tests of these rooms, then the wide ones."""
    return [*(f"tests/{room}" for room in rooms), *WIDE]


def _lines(before: str, after: str) -> set[int]:
    """The numbers of the lines of `before` that differ."""
    pairs = zip(before.splitlines(), after.splitlines(), strict=False)
    return {number for number, (old, new) in enumerate(pairs, start=1) if old != new}


def _statement(source: str, lines: set[int]) -> set[int]:
    """The lines of the statements that these lines belong to: a statement that is broken over lines runs as one."""
    statements = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.stmt)]
    first = {
        line: max((node.lineno for node in statements if node.lineno <= line <= (node.end_lineno or 0)), default=line)
        for line in lines  # a decorator stands before its statement
    }
    return {one for line, start in first.items() for one in range(start, line + 1)}


def _operator(change: str):  # type: ignore[no-untyped-def]  # a class of cosmic-ray, which has no types
    from cosmic_ray import plugins

    return plugins.get_operator(f"core/{change}")()


def _changed(mutant: Mutant, source: str) -> str:
    from cosmic_ray.mutating import mutate_code

    return mutate_code(source, _operator(mutant.change), mutant.number)


def _describe(mutant: Mutant, copy: Path) -> str:
    """The line before and after the change."""
    source = (copy / mutant.file).read_text()
    before, after = source.splitlines(), _changed(mutant, source).splitlines()
    lines = [line for line in difflib.unified_diff(before, after, n=0, lineterm="") if line[:2] not in ("--", "++")]
    return "\n".join([f"lost: {mutant.file}, {mutant.change}", *lines])


if __name__ == "__main__":
    sys.exit(main())
