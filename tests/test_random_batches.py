"""Batches against a server that fails at random: whatever happens, the report is exact."""

import asyncio
import os
import random
from pathlib import Path
from typing import Any

import pytest
from fickle_server import CUT, DONE, SHAPES, Site, names, serving
from raw_server import reply
from waiting import LONG, until

from conversation_client import (
    AsyncConversationClient,
    BatchReport,
    Material,
    RetryPolicy,
    TransportError,
    read_journal,
)

CASES = int(os.environ.get("CONVERSATION_CLIENT_BATCH_CASES", "60"))
POLICY = RetryPolicy(wait_initial=0.001, wait_max=0.002)
ASSET = Material.ASSET

pytestmark = pytest.mark.usefixtures("fast_probes")


class Case:
    """A batch and its server, all of it chosen by a number."""

    def __init__(self, seed: int) -> None:
        self.choose = choose = random.Random(seed)
        self.ids = names(choose.choice([0, 1, 2, 5, 30, 150]))
        self.poison = {id_ for id_ in self.ids if choose.random() < choose.choice([0, 0, 0.05])}
        self.refuses = choose.choice([0, 0, 0.05])
        """Share of the requests that are answered by a status of the server's."""
        self.loses = choose.choice([0, 0, 0.02])
        """Share of the requests before which the server goes away for a while, and after which the
        connection is cut."""
        self.is_to_close = choose.random() < 0.1
        self.acted_on: set[str] = set()
        self._away = 0
        self._shape: Any = choose.choice(list(SHAPES.values()))
        self._options: dict[str, Any] = {
            "concurrency": choose.choice([1, 2, 3, 8]),
            "give_up_after": choose.choice([LONG, LONG, 0.02]),
        }
        self.retry = choose.choice([None, POLICY])

    async def answer(self, item: str) -> bytes:
        choose = self.choose
        if choose.random() < 0.2:
            await asyncio.sleep(choose.choice([0, 0.002]))
        if choose.random() < self.loses:
            self._away = choose.choice([1, 3, 20])
        if item in self.poison or self._away:
            self._away = max(0, self._away - 1)
            return CUT
        if choose.random() < self.refuses:
            return reply(choose.choice([429, 500, 503]))
        self.acted_on.add(item)
        return CUT if choose.random() < self.loses else DONE

    async def run(self, site: Site, journal: Path | None) -> BatchReport:
        client = AsyncConversationClient(site.url, retry=self.retry)
        async with client, asyncio.timeout(LONG):
            ids = self._shape(self.ids)
            batch = asyncio.create_task(
                client.associate_many("c", ASSET, ids, journal=journal, **self._options)
            )
            if self.is_to_close:
                await until(lambda: site.requests or batch.done())
                await asyncio.sleep(self.choose.choice([0, 0.003, 0.01]))
                await client.aclose()
            return await batch

    async def iterate(self, url: str) -> tuple[list[str], list[str]]:
        done: list[str] = []
        failed: list[str] = []
        async with AsyncConversationClient(url, retry=self.retry) as client, asyncio.timeout(LONG):
            ids = self._shape(self.ids)
            outcomes = client.iter_associate_many("c", ASSET, ids, **self._options)
            try:
                async for outcome in outcomes:
                    (done if outcome.succeeded else failed).append(str(outcome.item))
            except TransportError:
                return done, failed
        assert sorted(done + failed) == sorted(self.ids)
        return done, failed


@pytest.mark.parametrize("seed", range(CASES))
async def test_report_and_journal_of_a_random_batch_are_exact(seed: int, tmp_path: Path) -> None:
    case = Case(seed)
    journal = tmp_path / "journal" if seed % 2 else None
    async with serving(case.answer) as site:
        report = await case.run(site, journal)
        assert asyncio.all_tasks() - site.tasks == {asyncio.current_task()}

    failed = {str(failure.item) for failure in report.failures}
    ended = report.succeeded + report.failed
    assert len(failed) == report.failed
    assert report.succeeded <= len(case.acted_on)
    if report.not_started is not None:
        assert ended + report.not_started == len(case.ids)
    if report.ended_by is None:
        assert report.not_started == 0
        assert case.acted_on >= set(case.ids) - failed
        assert case.poison <= failed
        assert failed <= case.poison or case.refuses or case.loses
    if journal is not None:
        found = read_journal(journal)
        assert (found.done, found.failed) == (report.succeeded, report.failed)
        assert found.queued == len(case.ids) - ended


@pytest.mark.parametrize("seed", range(CASES // 3))
async def test_outcomes_of_a_random_batch_come_once_each(seed: int) -> None:
    case = Case(seed)
    async with serving(case.answer) as site:
        done, failed = await case.iterate(site.url)
        assert asyncio.all_tasks() - site.tasks == {asyncio.current_task()}
    assert len({*done, *failed}) == len(done) + len(failed)
    assert case.acted_on >= set(done)
