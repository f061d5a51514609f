"""Retries in a program that has switches, loggers, printers and limits of its own."""

import subprocess
import sys

import pytest
from cases import IDS
from command import LIMIT
from needs import needs_resource

from conversation_client.operations import ASSOCIATE_ASSET, DISASSOCIATE_ASSET
from conversation_client.testing import Emulator

WITH_OTHERS = """
import logging, sys
import stamina, structlog
from conversation_client import ConversationClient, RetryPolicy

class Everything(logging.Handler):
    def emit(self, record):
        print(record.name, self.format(record), vars(record), file=sys.stderr)

logging.basicConfig(level=logging.DEBUG, handlers=[Everything()])
{switch}
with ConversationClient(sys.argv[1], retry=RetryPolicy(wait_initial=0.001)) as client:
    client.associate_asset(*sys.argv[2:])
    client.disassociate_many(sys.argv[2], "asset", sys.argv[3:]).raise_if_failed()
"""
WITHOUT_DESCRIPTORS = """
import os, resource, sys
from conversation_client import ConversationClient, RetryPolicy

with ConversationClient(sys.argv[1], retry=RetryPolicy(wait_initial=0.001)) as client:
    client.associate_asset(*sys.argv[2:])
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, most))
    try:
        while True:
            os.open(os.devnull, os.O_RDONLY)
    except OSError:
        pass
    imported = set(sys.modules)
    client.disassociate_asset(*sys.argv[2:])
    print(*set(sys.modules) - imported)
"""


def run(program: str, url: str) -> subprocess.CompletedProcess[str]:
    """Run a program that is told the server, a conversation and an asset."""
    command = [sys.executable, "-c", program, url, IDS["conversation"], IDS["asset"]]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT)
    assert ran.returncode == 0, ran.stderr
    return ran


@pytest.mark.parametrize(
    "switch",
    [
        "",
        "stamina.set_active(False)",
        "stamina.set_testing(True)",
        "structlog.configure(logger_factory=structlog.PrintLoggerFactory())",
    ],
)
def test_retries_are_as_promised_and_only_the_own_logger_tells(
    server: Emulator, switch: str
) -> None:
    server.seed({"id": IDS["conversation"]})
    for row in (ASSOCIATE_ASSET, DISASSOCIATE_ASSET):
        server.fail_next(503, times=2, operation=row)
    ran = run(WITH_OTHERS.format(switch=switch), server.url)
    assert ran.stdout == ""
    assert server.counts == {ASSOCIATE_ASSET.id: 3, DISASSOCIATE_ASSET.id: 3}
    told = [line for line in ran.stderr.splitlines() if not line.startswith("asyncio ")]
    assert len(told) == 6
    assert all(line.startswith("conversation_client ") for line in told)
    assert IDS["conversation"] not in ran.stderr
    assert IDS["asset"] not in ran.stderr


@needs_resource
def test_a_retry_needs_no_descriptor_and_imports_nothing(server: Emulator) -> None:
    server.seed({"id": IDS["conversation"]})
    server.fail_next(503, times=2, operation=DISASSOCIATE_ASSET)
    assert run(WITHOUT_DESCRIPTORS, server.url).stdout == "\n"
    assert server.counts == {ASSOCIATE_ASSET.id: 1, DISASSOCIATE_ASSET.id: 3}
