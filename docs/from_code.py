"""What the pages take from the code, when they are built: tables of rows, models, anchors of errors."""

import builtins
import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from conversation_client import AsyncConversationClient, compat, errors, models, operations
from conversation_client.compat import _documents as compat_documents
from conversation_client.conversations import AsyncConversationsResource
from conversation_client.messages import AsyncMessagesResource
from conversation_client.models.base import OpenEnum, is_model
from conversation_client.operations import OPERATIONS, MessageMaterial, Operation, spelled

METHODS_OF = {
    "": AsyncConversationClient,
    "conversations.": AsyncConversationsResource,
    "messages.": AsyncMessagesResource,
}
"""Where the methods are that name the row that they send, by how they are reached on a client."""


def method_of(row: Operation[object]) -> str:
    """Return how a row is called on a client, and a link to what is said of it there."""
    if isinstance(row.material, MessageMaterial):
        return _link(AsyncMessagesResource, str(row.verb), f"messages.{row.verb}")
    for prefix, kind in METHODS_OF.items():
        for name, method in vars(kind).items():
            if not name.startswith("_") and f"`{row.id}`" in (inspect.getdoc(method) or ""):
                return _link(kind, name, prefix + name)
    return _link(AsyncConversationClient, "call", "call")


def _link(kind: type, name: str, text: str) -> str:
    return f"{{py:meth}}`{text} <conversation_client.{kind.__name__}.{name}>`"


def operation_table() -> Iterator[str]:
    """Tell of every row of the table."""
    rows = (
        (
            method_of(row),
            f"`{row.method} {row.path}`",
            spelled(row.since),
            "yes" if row.repeatable else "no",
        )
        for row in OPERATIONS
    )
    yield from _table(("On a client", "Request", "Since API", "Repeatable"), rows)


def operation_rows() -> Iterator[str]:
    """Document every row of the table as what it is: a constant."""
    yield "```{py:currentmodule} conversation_client.operations\n```"
    names = {id(value): name for name, value in vars(operations).items()}
    for row in OPERATIONS:
        yield f"````{{py:data}} {names[id(row)]}\n`{row.id}`: `{row.method} {row.path}`\n````"


def migration_table() -> Iterator[str]:
    """Tell what to call in place of each method of the official SDK."""
    for kind in compat.api.__all__:
        calls = [row for row in OPERATIONS if hasattr(getattr(compat, kind), row.id)]
        if calls:
            yield f"### `{kind}`"
            yield from _table(
                ("`pieces_os_client`", "here"),
                ((f"`{row.id}`", method_of(row) + _material(row)) for row in calls),
            )


def _material(row: Operation[object]) -> str:
    if not isinstance(row.material, MessageMaterial):
        return ""
    return f", `MessageMaterial.{row.material.name}`"


def documents(domain: str) -> Iterator[str]:
    """Document every model and every enum of a domain."""
    module = getattr(models, domain)
    yield inspect.getdoc(module) or ""
    for name, value in vars(module).items():
        named = f"autoclass:: {module.__name__}.{name}"
        if is_model(value):
            shared = ":inherited-members: Versioned, Document"  # up to these, which have a place
            yield _autodoc(named, ":members:", ":undoc-members:", shared)
        elif _is_enum(value, module.__name__):
            yield _autodoc(named, ":members:", ":undoc-members:")


def _is_enum(value: object, module: str) -> bool:
    return isinstance(value, type) and issubclass(value, OpenEnum) and value.__module__ == module


def exceptions() -> Iterator[str]:
    """Document every error."""
    for name in error_names():
        yield _autodoc(
            f"autoexception:: conversation_client.{name}", ":members:", ":show-inheritance:"
        )


def error_names() -> tuple[str, ...]:
    """Return the names of all errors, as they stand in the tree."""
    return tuple(
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, errors.ConversationClientError)
    )


def _autodoc(*lines: str) -> str:
    directive, *options = lines
    shown = "".join(f"\n   {option}" for option in options)
    return f"```{{eval-rst}}\n.. {directive}{shown}\n```"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    lines = [header, ["---"] * len(header), *rows]
    yield "\n".join(f"| {' | '.join(line)} |" for line in lines)


WRITERS: dict[str, Callable[..., Iterator[str]]] = {
    writer.__name__: writer
    for writer in (operation_table, operation_rows, migration_table, documents, exceptions)
}


class FromCode(SphinxDirective):
    """Stands for the Markdown that a function of this module, which it names, writes."""

    required_arguments = 1
    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return what that Markdown stands for."""
        name, *arguments = self.arguments
        text = "\n\n".join(WRITERS[name](*arguments))
        written = self.parse_text_to_nodes(text, allow_section_headings=True)
        for node in written:
            for entry in node.findall(addnodes.desc):
                # The page's own table of contents would be as long as the page.
                entry["no-contents-entry"] = entry["objtype"] in {"attribute", "data"}
        return written


def give_errors_their_anchors(_: Sphinx, document: nodes.document) -> None:
    """Let a heading that is the name of an error be found by that name, capitals and all."""
    for section in document.findall(nodes.section):
        title = section.next_node(nodes.title)
        if title is not None and title.astext() in error_names():
            section["ids"].append(title.astext())


def leave_builtins_unlinked(_: Sphinx, document: nodes.document) -> None:
    """Take `bytes` for what Python means by it, and not for the field of a model."""
    for reference in list(document.findall(addnodes.pending_xref)):
        if reference.get("refdomain") == "py" and hasattr(builtins, reference["reftarget"]):
            reference.replace_self(reference.children)


def read_docstring(
    _: Sphinx, what: str, name: str, value: object, options: object, lines: list[str]
) -> None:
    """Turn what is Markdown in a docstring into what Sphinx reads, and keep sentences whole.

    Sphinx would take what stands before a colon for a type.
    """
    lines[:] = _with_sentences(_without_fences(lines))
    if what in {"attribute", "property", "data"}:
        lines.insert(0, r"\ ")  # stands for nothing


def _with_sentences(lines: Iterable[str]) -> Iterator[str]:
    begins = False
    for line in lines:
        if line == "Returns:":
            begins = True
        else:
            yield f":returns: {line.strip()}" if begins else line
            begins = False


def _without_fences(lines: Iterable[str]) -> Iterator[str]:
    inside = False
    for line in lines:
        if line.startswith("```"):
            inside = not inside
            yield f".. code-block:: {line[3:]}" if inside else ""
            yield ""
        else:
            yield f"   {line}" if inside else line


def leave_fields_to_their_entries(
    _: Sphinx, what: str, name: str, value: object, *others: object
) -> tuple[str, str] | None:
    """Take the arguments of a model away, which are its fields once more."""
    return ("", "") if is_model(value) or _is_enum(value, name.rpartition(".")[0]) else None


def leave_out_what_compat_adds(
    _: Sphinx, what: str, name: str, value: object, *others: object
) -> bool | None:
    """Leave out of the models what they have once `compat` has been imported."""
    getter = value.fget if isinstance(value, property) else None
    added = getattr(value, "__module__", "") == compat_documents.__name__
    return True if added or isinstance(getter, attrgetter) else None


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx of the directive `from-code`."""
    app.add_directive("from-code", FromCode)
    app.connect("autodoc-process-docstring", read_docstring, priority=1)
    app.connect("autodoc-process-signature", leave_fields_to_their_entries)
    app.connect("autodoc-skip-member", leave_out_what_compat_adds)
    app.connect("doctree-read", give_errors_their_anchors)
    app.connect("doctree-read", leave_builtins_unlinked)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
