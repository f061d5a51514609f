"""What a connection needs of this process and its system, and may not get for a while."""

import errno
import os
import socket

import aiohttp

LACKS = {
    errno.EMFILE: "no file descriptor left in this process: allow more (ulimit -n),"
    " or lower max_connections and concurrency",
    errno.ENFILE: "no file descriptor left in this system",
    errno.EADDRNOTAVAIL: "no local address or port left for a connection there",
    errno.ENOBUFS: "no memory left in this system for a connection",
    errno.ENOMEM: "no memory left in this system",
}
"""By the numbers of errors."""


def lack_of(error: BaseException) -> str | None:
    """Say what is lacking on this side, if that is why something failed."""
    if not isinstance(error, OSError):
        return None
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, socket.gaierror):  # which does not tell why
        return _lack_of_descriptors()
    return LACKS.get(cause.errno or 0)


def _lack_of_descriptors() -> str | None:
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return LACKS.get(error.errno or 0)
    return None
