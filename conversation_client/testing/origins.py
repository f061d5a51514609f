"""Which pages may read what the emulator answers: those that this machine itself serves (CORS).

A browser asks before it lets the scripts of a page do so, and says with each request of theirs
where the page is from.
"""

from urllib.parse import urlsplit

from aiohttp import hdrs, web

from conversation_client.testing.hosts import is_local

METHODS = "GET, HEAD, OPTIONS, POST"
_KEPT = "600"
"""Seconds for which a browser need not ask again."""


def is_at_home(request: web.Request) -> bool:
    """Tell whether a request comes from no page, from one of this machine or of the server's own."""
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is None:
        return True
    try:
        place = urlsplit(origin)
        name = place.hostname or ""
    except ValueError:
        return False
    return place.scheme in ("http", "https") and (is_local(name) or place.netloc == request.host)


async def allow(request: web.Request, response: web.StreamResponse) -> None:
    """Say in a response that the page may read it, if it may; called before each is sent."""
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is not None:
        response.headers.add(hdrs.VARY, hdrs.ORIGIN)
        if is_at_home(request):
            response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin


def options(request: web.Request) -> web.Response:
    """Answer what may be done, whatever there is at the place."""
    response = web.Response(status=204, headers={hdrs.ALLOW: METHODS})
    if hdrs.ACCESS_CONTROL_REQUEST_METHOD in request.headers and is_at_home(request):
        response.headers[hdrs.ACCESS_CONTROL_ALLOW_METHODS] = METHODS
        wanted = request.headers.get(hdrs.ACCESS_CONTROL_REQUEST_HEADERS)
        if wanted is not None:
            response.headers[hdrs.ACCESS_CONTROL_ALLOW_HEADERS] = wanted
        response.headers[hdrs.ACCESS_CONTROL_MAX_AGE] = _KEPT
    return response
