"""The client's way to a desired state: which materials a conversation is to have."""

import asyncio
from collections.abc import AsyncIterable, Callable, Iterable
from itertools import count
from typing import Any, cast

import attrs

from conversation_client import operations
from conversation_client._arguments import check_flag, checked_material
from conversation_client._batch.progress import OnProgress, as_part
from conversation_client._batch.source import Source
from conversation_client._difference import Difference, Ids, difference, ids_of, reference
from conversation_client._http.call import Call, Options
from conversation_client._http.wire import Id, Reply, check_id, unread
from conversation_client._interpreter import running_loop
from conversation_client.batch import BatchProgress, ReconcileReport, not_begun
from conversation_client.batches import BatchMethods
from conversation_client.errors import BodyTooLargeError, DecodeError
from conversation_client.operations import Material
from conversation_client.response import parse_json

READ_AT_ONCE = 1024
"""Ids after which the event loop gets a turn."""


class ReconcileMethods(BatchMethods):
    """The part of `AsyncConversationClient` that brings about what is desired."""

    async def reconcile(
        self,
        conversation: Id,
        material: Material,
        ids: Iterable[Id] | AsyncIterable[Id],
        *,
        remove: bool = True,
        dry_run: bool = False,
        concurrency: int = 32,
        on_progress: Callable[[BatchProgress], object] | None = None,
        give_up_after: float = 300.0,
    ) -> ReconcileReport:
        """See to it that a conversation has just these materials, whatever it has now.

        The conversation is read once. Then what is missing is associated, and what is too much is
        taken out, each id at most once; where nothing is missing or too much, nothing is written.
        What others change meanwhile stays as they leave it. Ids are compared as the server spells
        them, upper and lower case apart.

        Args:
            conversation: Id of the conversation.
            material: What the ids are ids of.
            ids: The ids that it is to have, an iterable or an async iterable; they are read first,
                all of them. Of those that repeat, one counts.
            remove: Whether to take out what is too much.
            dry_run: Whether to say what would be done, and do nothing.
            concurrency: As for `associate_many`.
            on_progress: As for `associate_many`; `total` is the number of ids to add and to remove.
            give_up_after: As for `associate_many`, for the writes; where it ends the additions,
                the removals are not started.

        Returns:
            What was to be added and removed, and what became of it.

        Raises:
            InvalidArgumentError: An argument is out of range, or an id cannot be sent; nothing was.
            BodyTooLargeError: The conversation's document has more than 64 MiB, which is some
                700,000 associations; nothing was written.
            ConversationClientError: It could not be read for another reason; nothing was written.
        """
        running_loop()
        material = checked_material(Material, material)
        check_flag("remove", remove)
        check_flag("dry_run", dry_run)
        self._batches(concurrency, give_up_after, on_progress)  # refuses what is out of range
        known = check_id("conversation", conversation)
        for rows in (operations.ASSOCIATIONS, operations.DISASSOCIATIONS):
            self._transport.dialect.check(rows[material])
        needed = await self._compare(known, material, Source.of("ids", ids), remove=remove)
        report = ReconcileReport(needed.to_add, needed.to_remove, needed.kept)
        if dry_run:
            return report
        return await carry_out(
            self,
            known,
            material,
            report,
            concurrency=concurrency,
            on_progress=on_progress,
            give_up_after=give_up_after,
        )

    async def _compare(
        self, conversation: str, material: Material, source: Source, *, remove: bool
    ) -> Difference:
        wanted = await _read(source, material)
        try:
            held = await self._transport.send(_Held(conversation, material, self._options))
        except BodyTooLargeError as error:
            error.args = (f"{error.args[0]}: the conversation has too much to be compared",)
            raise
        return difference(held, wanted, remove=remove)


async def carry_out(
    client: BatchMethods,
    conversation: str,
    material: Material,
    planned: ReconcileReport,
    *,
    concurrency: int,
    on_progress: OnProgress | None,
    give_up_after: float,
) -> ReconcileReport:
    """Do what a dry run has said, and return what became of it.

    Args:
        client: The client.
        conversation: Id of the conversation.
        material: What the ids are ids of.
        planned: The report of the dry run.
        concurrency: As for `reconcile`.
        on_progress: As for `reconcile`.
        give_up_after: As for `reconcile`.
    """
    total = len(planned.to_add) + len(planned.to_remove)
    associated = await client.associate_many(
        conversation,
        material,
        planned.to_add,
        concurrency=concurrency,
        on_progress=as_part(on_progress, total, None),
        give_up_after=give_up_after,
    )
    if associated.ended_by is not None and planned.to_remove:
        disassociated = not_begun(len(planned.to_remove), associated.ended_by)
    else:
        disassociated = await client.disassociate_many(
            conversation,
            material,
            planned.to_remove,
            concurrency=concurrency,
            on_progress=as_part(on_progress, total, associated),
            give_up_after=give_up_after,
        )
    return attrs.evolve(planned, associated=associated, disassociated=disassociated)


async def _read(source: Source, material: Material) -> Ids:
    """Read all ids of an input.

    Raises:
        InvalidArgumentError: One of them cannot be sent; says which.
    """
    ids = dict[str, None]()
    positions = count(1)
    while items := await source.take_many(READ_AT_ONCE):
        for item, position in zip(items, positions, strict=False):
            ids[check_id(f"{material} {position}", cast("Id", item))] = None
        await asyncio.sleep(0)
    return ids


class _Held(Call[Any]):
    """A read of a conversation, of which the ids of a material are all that is wanted."""

    def __init__(self, conversation: str, material: Material, options: Options) -> None:
        row = operations.GET_CONVERSATION
        super().__init__(row, (conversation,), options, transferables=False)
        self._material = material

    def judge(self, reply: Reply) -> Ids:
        """Return the ids, without the models that would take ten times the memory."""
        if self.options.strict:
            super().judge(reply)
        unread(self.operation, reply)
        try:
            document = parse_json(reply.body, reply.content_type, reference)
            if isinstance(document, str):  # it may have been an object that holds an id alone
                document = parse_json(reply.body, reply.content_type)
            return ids_of(document, self._material)
        except DecodeError as error:
            error.content = reply.body
            raise
