"""Shards that are cut and read, here or by a worker that Dask has: what it costs to spread them."""

import itertools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.peers.sample import CONVERSATION, Job, Run, asset_ids, main
from conversation_client import Material
from conversation_client.shards import Shard, split

SIZE = 10_000


def read(shard: Shard) -> int:
    """Do what takes next to no time beside running a shard."""
    with Path(shard.ids).open(encoding="utf-8") as ids:
        return sum(1 for _ in ids)


@contextmanager
def here(_: Job) -> Iterator[Run]:
    yield _cutting(lambda shards: sum(map(read, shards)))


@contextmanager
def dask(_: Job) -> Iterator[Run]:
    from distributed import Client, LocalCluster  # noqa: PLC0415  # not in every environment

    cluster = LocalCluster(
        n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50
    )
    with cluster, Client(cluster) as client:
        yield _cutting(lambda shards: sum(client.gather(client.map(read, shards, pure=False))))


def _cutting(count_ids: Callable[[list[Shard]], int]) -> Run:
    numbers = itertools.count()
    folder = tempfile.TemporaryDirectory()

    def run(count: int) -> None:
        place = Path(folder.name) / str(next(numbers))
        ids = asset_ids(count)
        shards = list(split(CONVERSATION, Material.ASSET, ids, directory=place, size=SIZE))
        assert count_ids(shards) == count

    return run


if __name__ == "__main__":
    main({"here": here, "dask": dask})
