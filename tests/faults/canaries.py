"""Secrets that every cell of the matrix carries, and that nothing may tell."""

import pickle
import traceback
from base64 import b64encode
from collections.abc import Iterator, Mapping

USER = "canary-user"
PASSWORD = "canary-password"
SECRETS: Mapping[str, str] = {
    "Authorization": "Bearer canary-of-authorization",
    "Cookie": "session=canary-of-the-cookie",
    "X-Application-ID": "canary-of-the-application",
    "user in the URL": USER,
    "password in the URL": PASSWORD,
    "body": "canary-of-the-body",
    "proxy password": "canary-of-the-proxy",
    "query token": "canary-of-the-query",
}
HEADERS = {name: SECRETS[name] for name in ("Authorization", "Cookie", "X-Application-ID")}
PROXY = f"http://someone:{SECRETS['proxy password']}@127.0.0.1:9"
NEEDLES = {
    **SECRETS,
    "basic authentication": b64encode(f"{USER}:{PASSWORD}".encode()).decode(),
    "cookie of the reply": "canary-of-the-reply",
}


def told_by(error: BaseException) -> Iterator[tuple[str, str]]:
    """Yield all that an error tells, and where."""
    yield "text", str(error)
    yield "repr", repr(error)
    yield "pickle", pickle.dumps(error).decode("latin-1")
    # Without the frames, which show nothing but the sources.
    yield "traceback", "".join(traceback.format_exception(error, limit=0))
    while cause := error.__cause__:
        yield "cause", f"{cause} {cause!r}"
        error = cause


def found_in(text: str) -> list[str]:
    """Return the names of the secrets in a text."""
    return [name for name, needle in NEEDLES.items() if needle in text]
