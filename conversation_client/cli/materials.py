"""The options that say which ids a verb reads, and from where."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, BinaryIO, TypeVar, cast

import attrs
import click

from conversation_client.cli.layout import Format, Layout
from conversation_client.cli.streams import StandardOrFile
from conversation_client.operations import Material

if TYPE_CHECKING:
    from conversation_client.cli.ids import IdFile, OnProblem

F = TypeVar("F", bound=Callable[..., object])

FILES = (
    "FILE holds their ids, one a line. By its name (.csv, .jsonl, .ndjson), --format or --field it"
    " may also be a CSV, whose first column is taken, or JSON Lines; a JSON array, gzip and UTF-16"
    " are known by their content. - is standard input. A file that is something else, or may be, is"
    " refused, and nothing is sent."
)


@attrs.frozen(kw_only=True)
class Input:
    """The ids that a verb reads."""

    material: Material
    """What they are ids of."""
    file: BinaryIO
    layout: Layout

    def ids(self, on_problem: "OnProblem") -> "IdFile":
        """Return the ids, which can be read once."""
        from conversation_client.cli.ids import IdFile  # noqa: PLC0415

        return IdFile(self.file, self.layout, name=self.material, on_problem=on_problem)


def source(command: Callable[..., object]) -> Callable[..., object]:
    """Add the options that name a file and say what it is, and pass these as `source`."""

    @wraps(command)
    def with_source(
        *,
        asked: str | None,
        field: str | None,
        header: bool | None,
        delimiter: str | None,
        **others: object,
    ) -> object:
        files = {material: cast("BinaryIO | None", others.pop(material)) for material in Material}
        material, file = _chosen(files)
        name = getattr(file, "name", "")
        layout = _checked(Layout.of(name, asked, field, header=header, delimiter=delimiter))
        return command(source=Input(material=material, file=file, layout=layout), **others)

    for option in (*reversed(_LAYOUT), *map(_file_of, reversed(Material))):
        option(with_source)
    return with_source


def _chosen(files: dict[Material, BinaryIO | None]) -> tuple[Material, BinaryIO]:
    given = [(material, file) for material, file in files.items() if file is not None]
    if len(given) != 1:
        options = ", ".join(f"--{_plural(material)}" for material in Material)
        raise click.UsageError(f"exactly one of {options} is needed")
    return given[0]


def _file_of(material: Material) -> Callable[[F], F]:
    plural = _plural(material)
    text = f"Ids of {plural.replace('-', ' ')}."
    return click.option(
        f"--{plural}", material, metavar="FILE", type=StandardOrFile("rb"), help=text
    )


def _plural(material: Material) -> str:
    name = material.replace("_", "-")
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"


def _checked(layout: Layout) -> Layout:
    if layout.field is not None and layout.format is not Format.JSONL:
        raise click.UsageError("--field is for JSON Lines")
    if layout.format is not Format.CSV:
        if layout.header is not None:
            raise click.UsageError("--header is for CSV")
        if layout.delimiter is not None:
            raise click.UsageError("--delimiter is for CSV")
    return layout


def _delimiter(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    delimiter = {"\\t": "\t", "tab": "\t"}.get(value or "", value)
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise click.BadParameter("one character is needed, or \\t for a tab")
    return delimiter


_LAYOUT = (
    click.option(
        "--format",
        "asked",
        type=click.Choice([each.value for each in Format]),
        help="What FILE is.",
    ),
    click.option("--field", metavar="NAME", help="Field of the JSON objects that holds the id."),
    click.option(
        "--header/--no-header",
        default=None,
        help="Skip the first record of a CSV, or take it though it looks like a header.",
    ),
    click.option(
        "--delimiter",
        metavar="CHARACTER",
        callback=_delimiter,
        help="What separates the columns of a CSV, if its first line does not tell.",
    ),
)
