"""The official SDK, any release: with threads where calls go at the same time."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from pieces_os_client.api.conversation_api import ConversationApi
from pieces_os_client.api_client import ApiClient
from pieces_os_client.configuration import Configuration
from pieces_os_client.models.conversation import Conversation
from pieces_os_client.models.conversation_messages import ConversationMessages

from benchmarks import documents
from benchmarks.peers.sample import CONVERSATION, Job, Run, asset_ids, main, repeated


@contextmanager
def calls(job: Job) -> Iterator[Run]:
    with _api(job) as api:

        def work(assets: Iterator[str]) -> None:
            for asset in assets:
                reply = api.conversation_associate_asset_with_http_info(CONVERSATION, asset)
                assert reply.status_code == 204

        def run(count: int) -> None:
            assets = asset_ids(count)
            for worker in [pool.submit(work, assets) for _ in range(job.concurrency)]:
                worker.result()

        with ThreadPoolExecutor(job.concurrency) as pool:
            yield run if job.concurrency > 1 else lambda count: work(asset_ids(count))


@contextmanager
def get(job: Job) -> Iterator[Run]:
    with _api(job) as api:
        method = (
            api.conversation_specific_conversation_messages_with_http_info
            if job.document == documents.MESSAGES
            else api.conversation_get_specific_conversation_with_http_info
        )

        def once() -> None:
            reply = method(CONVERSATION)
            assert reply.status_code == 200
            assert isinstance(reply.data, _model(job))

        yield repeated(once)


@contextmanager
def decoding(job: Job) -> Iterator[Run]:
    text, model = job.read().decode(), _model(job)
    yield repeated(lambda: model.from_json(text))


@contextmanager
def encoding(job: Job) -> Iterator[Run]:
    """Do what the SDK does to a body before it sends it; its `to_json` fails on times."""
    document = _model(job).from_json(job.read().decode())
    with ApiClient(Configuration()) as client:
        yield repeated(lambda: json.dumps(client.sanitize_for_serialization(document)).encode())


@contextmanager
def _api(job: Job) -> Iterator[Any]:
    configuration = Configuration(host=job.url)
    configuration.connection_pool_maxsize = job.concurrency
    with ApiClient(configuration) as client:
        yield ConversationApi(client)


def _model(job: Job) -> Any:
    return ConversationMessages if job.document == documents.MESSAGES else Conversation


if __name__ == "__main__":
    main({"calls": calls, "get": get, "decode": decoding, "encode": encoding})
