"""pycurl's multi interface, as its documentation shows it: a handle for every call under way."""

from collections.abc import Iterator
from contextlib import contextmanager

import pycurl

from benchmarks.peers.sample import Job, Run, asset_ids, asset_url, main


@contextmanager
def calls(job: Job) -> Iterator[Run]:
    multi = pycurl.CurlMulti()
    idle = [_handle() for _ in range(job.concurrency)]

    def run(count: int) -> None:
        left = count
        assets = asset_ids(count)
        while left:
            while idle and (asset := next(assets, None)):
                handle = idle.pop()
                handle.setopt(pycurl.URL, asset_url(job, asset))
                multi.add_handle(handle)
            multi.select(1.0)
            while multi.perform()[0] == pycurl.E_CALL_MULTI_PERFORM:
                pass
            queued = 1
            while queued:
                queued, succeeded, failed = multi.info_read()
                assert not failed
                for handle in succeeded:
                    assert handle.getinfo(pycurl.RESPONSE_CODE) == 204
                    multi.remove_handle(handle)
                    idle.append(handle)
                left -= len(succeeded)

    yield run
    multi.close()


def _handle() -> pycurl.Curl:
    handle = pycurl.Curl()
    handle.setopt(pycurl.POST, 1)
    handle.setopt(pycurl.POSTFIELDS, "")
    handle.setopt(pycurl.NOSIGNAL, 1)
    return handle


if __name__ == "__main__":
    main({"calls": calls})
