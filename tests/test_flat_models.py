"""Every model is found in `conversation_client.models`, by programs, type checkers and editors."""

import ast
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
from cases import GOLDEN, golden

from conversation_client import models
from conversation_client.models.base import Document, OpenEnum

SCHEMA = golden("models")
NAMES = sorted({*SCHEMA["models"], *SCHEMA["extra"], *SCHEMA["enums"]})
MODULES = [name for _, name, _ in pkgutil.iter_modules(models.__path__) if name != "base"]


def run(code: str, *arguments: str) -> str:
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_model_and_enum_is_there() -> None:
    for name in NAMES:
        found = getattr(models, name)
        assert issubclass(found, Document | OpenEnum)
        assert found.__name__ == name
        assert found is getattr(sys.modules[found.__module__], name)
    assert set(NAMES) < set(dir(models))


def test_all_is_what_a_star_imports() -> None:
    namespace: dict[str, object] = {}
    exec("from conversation_client.models import *", namespace)
    assert set(NAMES) <= namespace.keys()


@pytest.mark.parametrize("name", MODULES)
def test_a_star_imports_models_and_enums_alone_from_a_module(name: str) -> None:
    namespace: dict[str, object] = {}
    exec(f"from conversation_client.models.{name} import *", namespace)
    module = f"{models.__name__}.{name}"
    visible = {each for each in namespace if each.isidentifier() and not each.startswith("_")}
    for each in visible:  # pytest adds names that are none
        found = namespace[each]
        assert isinstance(found, type), each
        assert issubclass(found, Document | OpenEnum), each
        assert found.__module__ == module, each


def test_what_is_no_model_is_not_there() -> None:
    for name in ("Conversatio", "table", "datetime", "_ConversationFields"):
        assert name not in dir(models)
        with pytest.raises(AttributeError, match=f"no attribute {name!r}"):
            getattr(models, name)


def test_one_import_executes_the_modules_that_it_needs_and_no_other() -> None:
    code = (
        "import sys, types\n"
        "from conversation_client.models import SeededScore\n"
        "print(*(n for n, m in sys.modules.items() if n.count('.') == 2"
        " and n.startswith('conversation_client.models.') and type(m) is types.ModuleType))"
    )
    loaded = {name.rpartition(".")[2] for name in run(code).split()}
    assert loaded == {"base", "common"}


def test_reading_makes_no_attrs_class_and_no_reader_that_it_does_not_need() -> None:
    code = (
        "import attrs\n"
        "import attr\n"
        "made = []\n"
        "define = attrs.define\n"
        "attrs.define = lambda cls=None, *a, **k: (hasattr(cls, '_is_model') and"
        " made.append(cls.__name__)) or define(cls, *a, **k)\n"
        "from conversation_client import decode, encode\n"
        "from conversation_client.models import GroupedTimestamp\n"
        'stamp = decode(\'{"value":"2024-05-01T00:00:00Z"}\', GroupedTimestamp)\n'
        "encode(stamp); repr(stamp)\n"
        "print(made)\n"
        "GroupedTimestamp(value=stamp.value)\n"
        "print(sorted(made))"
    )
    assert run(code).splitlines() == ["[]", "['Document', 'GroupedTimestamp', 'Versioned']"]


def test_type_checkers_are_told_of_every_module() -> None:
    tree = ast.parse(Path(models.__file__).read_text("utf-8"))
    starred = {
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"
    }
    assert starred == {f"{models.__name__}.{name}" for name in MODULES}


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_type_checkers_know_every_model(checker: str, tmp_path: Path) -> None:
    pytest.importorskip(checker)
    lines = [f"from conversation_client.models import {name}" for name in NAMES]
    lines += [f"reveal_type({name})" for name in ("Conversation", "ConversationTypeEnum")]
    lines += [
        "from datetime import datetime",
        "from conversation_client.models import GroupedTimestamp",
        "stamp: GroupedTimestamp = GroupedTimestamp(value=datetime.now())",
        "text: str | None = stamp.readable",
    ]
    (tmp_path / "flat.py").write_text("\n".join(lines))
    options = ["--strict"] if checker == "mypy" else ["--pythonpath", sys.executable]
    if checker == "pyright":
        (tmp_path / "pyrightconfig.json").write_text(
            json.dumps({"typeCheckingMode": "strict", "reportUnusedImport": False})
        )
    done = subprocess.run(
        [sys.executable, "-m", checker, *options, "flat.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "type[Conversation" in done.stdout.replace("def (", "type[Conversation")


def test_constructors_tell_their_arguments() -> None:
    code = (
        "import inspect\n"
        "from conversation_client.models import ReferencedConversation\n"
        "print(list(inspect.signature(ReferencedConversation).parameters))"
    )
    assert run(code).strip() == "['id', 'reference', 'schema', 'extra']"


def test_threads_that_make_the_first_instances_at_once_get_whole_classes() -> None:
    code = (
        "import threading\n"
        "from conversation_client.models import FlattenedAnnotations, Score\n"
        "import conversation_client.models as m\n"
        "ready = threading.Barrier(8)\n"
        "done = []\n"
        "def make():\n"
        "    ready.wait()\n"
        "    done.append(FlattenedAnnotations(iterable=[], score=None, schema=None).iterable)\n"
        "threads = [threading.Thread(target=make) for _ in range(8)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]\n"
        "print(done == [[]] * 8)"
    )
    assert run(code).strip() == "True"


def test_preload_leaves_nothing_to_be_made() -> None:
    code = (
        "import builtins, sys\n"
        "from contextlib import suppress\n"
        "from pathlib import Path\n"
        "from conversation_client import DecodeError, decode, encode, models, preload\n"
        "made = []\n"
        "compile_ = builtins.compile\n"
        "builtins.compile = lambda *a, **k: made.append(a) or compile_(*a, **k)\n"
        "def take_all():\n"
        "    for path in Path(sys.argv[1]).glob('*/*.json'):\n"
        "        encode(decode(path.read_bytes(), getattr(models, path.name.split('.')[0])))\n"
        "    for model in models.documents():\n"
        "        with suppress(DecodeError):\n"
        "            decode(b'{}', model)\n"
        "        with suppress(AttributeError):\n"
        "            encode(object.__new__(model))\n"
        "if sys.argv[2] == 'preload':\n"
        "    preload()\n"
        "    made.clear()\n"
        "take_all()\n"
        "print(len(made))"
    )
    assert int(run(code, str(GOLDEN / "samples"), "nothing")) > 100
    assert int(run(code, str(GOLDEN / "samples"), "preload")) == 0
