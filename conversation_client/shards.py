"""A batch that outgrows one machine: cut into shards, which an engine that exists spreads.

```python
for report in engine.map(run_shard, split(conversation, Material.ASSET, ids, directory="/shared")):
    report.raise_if_failed()
```

Not imported by the package.
"""

import asyncio
import filecmp
import hashlib
import os
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from secrets import token_hex
from typing import Unpack

import attrs
from yarl import URL

from conversation_client._arguments import ClientOptions, checked_base_url, checked_material
from conversation_client._batch.inputs import check_input
from conversation_client._http.wire import Id, check_count, check_id
from conversation_client._interpreter import running_loop
from conversation_client._runner import Runner
from conversation_client.batch import BatchReport
from conversation_client.client import AsyncConversationClient
from conversation_client.errors import InvalidArgumentError, JournalLockedError
from conversation_client.operations import Material

FIRST_WAIT = 0.1
LONGEST_WAIT = 2.0
"""Seconds between two looks at whether a journal is still in use."""


def _without_secrets(url: str | URL | None) -> str:
    base = checked_base_url(url)
    if base.authorization():
        raise InvalidArgumentError(
            "base_url: a shard travels, and credentials are not to: have whoever runs it pass them,"
            " as `headers=`"
        )
    return base.url


def _material(value: str) -> Material:
    return checked_material(Material, value)


@attrs.frozen
class Shard:
    """A part of a batch that goes to one server: its ids are in a file, no secrets are in it.

    Raises:
        InvalidArgumentError: The URL is none, or holds credentials; or the material is none.
    """

    base_url: str = attrs.field(converter=_without_secrets)
    conversation: str
    material: Material = attrs.field(converter=_material)
    ids: str
    """Path of the file of ids, UTF-8, one a line."""
    journal: str
    """Path of the journal, unless whoever runs the shard has a directory of its own for it."""


def split(
    conversation: Id,
    material: Material,
    ids: Iterable[Id],
    *,
    directory: str | os.PathLike[str],
    size: int = 100_000,
    base_urls: Iterable[str | URL] | None = None,
) -> Iterator[Shard]:
    """Cut a batch into shards, each with its ids in a file of its own.

    The input is gone through once, as shards are asked for; memory follows `size`. Doing it
    again with the same input gives the same shards, whose journals know what is done.

    Args:
        conversation: Id of the conversation that is to be associated with the ids.
        material: What the ids are ids of.
        ids: The ids.
        directory: Where the files go, made if it is not there; all who run shards have to see it
            under this path.
        size: Ids of a shard at most.
        base_urls: Servers, to which the shards are dealt in turn; by default the one of a client
            without `base_url`.

    Returns:
        The shards; each may be run as soon as it is there.

    Raises:
        InvalidArgumentError: An argument is out of range, a URL holds credentials, an id cannot be
            sent, or the directory cannot be used or holds other ids for the same.
    """
    known = check_id("conversation", conversation)
    material = checked_material(Material, material)
    check_input("ids", ids)
    if not isinstance(ids, Iterable):
        raise InvalidArgumentError("ids: an iterable is needed; collect those of an async one")
    check_count("size", size)
    urls = [None] if base_urls is None else _listed(base_urls)
    servers = [_without_secrets(url) for url in urls]
    with _told("directory", directory):
        folder = Path(os.path.abspath(directory))  # noqa: PTH100  # links are to stay as they are
        folder.mkdir(parents=True, exist_ok=True)
    # Conversations may share a directory, and their ids may hold what no file name can.
    job = f"{material}-{_digest(known)}"
    texts = (check_id(f"{material} {number}", id_) for number, id_ in enumerate(ids, 1))
    parts = iter(lambda: list(islice(texts, size)), [])
    return _shards(servers, known, material, parts, str(folder / job))


def _listed(base_urls: Iterable[str | URL]) -> list[str | URL]:
    if not isinstance(base_urls, str | URL):
        with suppress(TypeError):  # nothing to take items from
            if urls := list(base_urls):
                return urls
    raise InvalidArgumentError("base_urls: a list of at least one URL is needed")


def _shards(
    servers: list[str], conversation: str, material: Material, parts: Iterator[list[str]], stem: str
) -> Iterator[Shard]:
    for number, (part, server) in enumerate(zip(parts, cycle(servers), strict=False), 1):
        ids = f"{stem}-{number:06}.ids"
        with _told("directory", ids):
            _write(Path(ids), part)
        # What is done on one server is not on another.
        journal = f"{stem}-{number:06}-{_digest(server)}.journal"
        yield Shard(server, conversation, material, ids, journal)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _write(path: Path, ids: list[str]) -> None:
    """Write ids to a file that is there as a whole or not at all."""
    made = path.with_suffix(f".{token_hex(8)}.part")
    try:
        with made.open("x", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{id_}\n" for id_ in ids)
        if path.exists() and not filecmp.cmp(made, path, shallow=False):
            raise InvalidArgumentError(f"directory: {path} holds other ids: choose another one")
        made.replace(path)
    finally:
        made.unlink(missing_ok=True)


async def run_shard_async(
    shard: Shard,
    *,
    journal_directory: str | os.PathLike[str] | None = None,
    concurrency: int = 32,
    give_up_after: float = 300.0,
    **client_options: Unpack[ClientOptions],
) -> BatchReport:
    """Run a shard: associate its ids, but for those that its journal says are done.

    Args:
        shard: The shard.
        journal_directory: Where its journal is kept, on a local disk; by default beside the ids.
        concurrency: As for `associate_many`.
        give_up_after: As for `associate_many`, and how long a journal that is in use is waited for,
            in seconds.
        client_options: What the client is made with, such as `headers` with credentials.

    Returns:
        How many succeeded, and what failed why; `skipped` were done by an earlier try.

    Raises:
        InvalidArgumentError: An argument is out of range, or the ids cannot be read.
        JournalError: The journal cannot be used.
    """
    if not isinstance(shard, Shard):  # pyright: ignore[reportUnnecessaryIsInstance]  # it is what is checked
        kind = type(shard).__name__
        raise InvalidArgumentError(f"shard: a Shard, as `split` gives it, is needed, not {kind}")
    journal = _journal(shard, journal_directory)
    loop = running_loop()
    began, wait = loop.time(), FIRST_WAIT
    async with AsyncConversationClient(shard.base_url, **client_options) as client:
        while True:
            try:
                return await client.associate_many(
                    shard.conversation,
                    shard.material,
                    _read(shard),
                    concurrency=concurrency,
                    journal=journal,
                    give_up_after=give_up_after,
                )
            except JournalLockedError:
                if loop.time() + wait > began + give_up_after:
                    raise
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)


def run_shard(
    shard: Shard,
    *,
    journal_directory: str | os.PathLike[str] | None = None,
    concurrency: int = 32,
    give_up_after: float = 300.0,
    **client_options: Unpack[ClientOptions],
) -> BatchReport:
    """Do as `run_shard_async`, and wait for it; for engines whose tasks are plain functions."""
    run = partial(
        run_shard_async,
        shard,
        journal_directory=journal_directory,
        concurrency=concurrency,
        give_up_after=give_up_after,
        **client_options,
    )
    runner = Runner()
    try:
        return runner.run(run)
    finally:
        runner.close(partial(asyncio.sleep, 0))


def _journal(shard: Shard, directory: str | os.PathLike[str] | None) -> str:
    if directory is None:
        return shard.journal
    with _told("journal_directory", directory):
        folder = Path(directory)
        folder.mkdir(parents=True, exist_ok=True)
        return str(folder / Path(shard.journal).name)


def _read(shard: Shard) -> Generator[str]:
    with _told("shard", shard.ids), Path(shard.ids).open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            yield line.removesuffix("\n")


@contextmanager
def _told(name: str, path: object) -> Generator[None]:
    """Raise what is wrong with a file as an error of this library."""
    try:
        yield
    except (OSError, UnicodeError, TypeError, ValueError) as error:
        if isinstance(error, InvalidArgumentError):
            raise
        raise InvalidArgumentError(f"{name}: {path}: {error}") from error
