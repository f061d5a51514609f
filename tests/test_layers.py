"""Which part of the package may import which: arrows only go down, and never round."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import conversation_client

PACKAGE = "conversation_client"
ROOT = Path(conversation_client.__file__).parent
PARTS = {
    "basics": ("_tables _values errors _fork _interpreter _logging _record _version", ""),
    "models": ("models _brief", "basics"),
    "table": ("operations", "models"),
    "codec": ("codec _collector _hooks _json _pydantic _tolerance", "basics models"),
    "http": ("retry _http", "basics models table codec"),
    "batch": (
        "batch journal _batch"
        " _journal _journal_claim _journal_errors _journal_file _journal_ids _journal_making"
        " _journal_writer",
        "basics table http",
    ),
    "runner": ("_caller _green_threads _runner _signals", "basics"),
    "clients": (
        "_arguments _batching _bodies _calls _copies _diagnosis _difference _facade _picture"
        " _port_files _probe _readiness _reads _watch _way batches changes client conversations"
        " discovery messages reconciliation response shards sync",
        "basics models table codec http batch runner",
    ),
    "compat": ("compat", "basics models table codec http clients"),
    "testing": ("testing", "models table codec"),
    "surface": (
        ". __main__ pytest_plugin cli",
        "basics models table codec http batch runner clients testing",
    ),
}
"""Modules, or packages with all that is in them, and the other parts that these may import."""
FOR_OTHERS = {"models.base": {"_pydantic"}}
"""What a module imports only when another library asks it to, of a part above its own."""
PURE = (
    *("errors", "operations", "retry", "_diagnosis", "_difference", "_picture"),
    *("_batch.plan", "_batch.limit", "_http.wire"),
)
"""Modules of decisions, which wait for nothing and open nothing."""
INPUT_AND_OUTPUT = {
    "aiohttp",
    "asyncio",
    "os",
    "pathlib",
    "select",
    "socket",
    "sqlite3",
    "threading",
}


def module_name(path: Path) -> str:
    """Name a file by its place in the package, and the package itself by a dot."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__") or "."


MODULES = {module_name(path): ast.parse(path.read_text("utf-8")) for path in ROOT.rglob("*.py")}
PART_OF = {name: part for part, (names, _) in PARTS.items() for name in names.split()}


def part_of(module: str) -> str:
    return PART_OF[module.partition(".")[0] or module]


def imports_of(module: str) -> Iterator[str]:
    """Yield what a module names in its import statements, wherever these stand in it."""
    for node in ast.walk(MODULES[module]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def ours(module: str) -> set[str]:
    """Return the modules of the package that a module imports."""
    found = set()
    for name in imports_of(module):
        if name.split(".")[0] == PACKAGE:
            inner = name.removeprefix(PACKAGE).strip(".")
            found.add(next(n for n in (inner, inner.rpartition(".")[0], ".") if n in MODULES))
    return found


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_what_its_part_may(module: str) -> None:
    part = part_of(module)
    allowed = {part, *PARTS[part][1].split()}
    imported = ours(module) - FOR_OTHERS.get(module, set())
    assert {other for other in imported if part_of(other) not in allowed} == set()


def test_no_modules_import_each_other() -> None:
    # Models refer to each other all around, by module, and are read when all are there.
    graph = {module: ours(module) - {module} for module in MODULES if part_of(module) != "models"}
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("module", PURE)
def test_decisions_are_made_without_input_or_output(module: str) -> None:
    assert not {name.split(".")[0] for name in imports_of(module)} & INPUT_AND_OUTPUT


def test_every_name_in_the_table_is_there() -> None:
    assert set(PART_OF) <= set(MODULES)
