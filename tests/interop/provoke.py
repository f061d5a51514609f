"""Run with the official SDK, or with what stands for it: print what answers are raised as.

`provoke.py PACKAGE URL SILENT_URL UNUSED_URL` makes a read and an association of each status, by
which the first server answers if it is the last part of the path, one that gets a page, one that gets
no answer, and one where nobody listens. It prints, by call, the exception's classes and what is known
of it; `null` if it is none of the package's.
"""

import importlib
import json
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

CALLS = {
    "GET": lambda api, last, **options: api.conversation_get_specific_conversation(last, **options),
    "POST": lambda api, last, **options: api.conversation_associate_asset("c1", last, **options),
}
STATUSES = [str(status) for status in range(300, 600) if status != 304]


def told(base: type[Any], call: Callable[[], object]) -> object:
    try:
        call()
    except Exception as error:
        if not isinstance(error, base):
            return None
        names = [kind.__name__ for kind in type(error).__mro__]
        return {
            "classes": names[: names.index("OpenApiException")],
            "status": error.status,
            "reason": error.reason,
            "body": error.body,
            "told": error.headers and error.headers.get("x-told"),
        }
    return "nothing was raised"


def main(package: str, url: str, silent_url: str, unused_url: str) -> None:
    def imported(module: str, name: str) -> Any:
        return getattr(importlib.import_module(f"{package}.{module}"), name)

    api_class = imported("api.conversation_api", "ConversationApi")
    client_class = imported("api_client", "ApiClient")
    configuration_class = imported("configuration", "Configuration")
    base = imported("exceptions", "ApiException")
    raised = {}

    def provoke(host: str, last: str, **options: Any) -> None:
        configuration = configuration_class(host=host)
        configuration.retries = 0
        with client_class(configuration) as client:
            api = api_class(client)
            for name, call in CALLS.items():
                raised[f"{name} {last}"] = told(base, partial(call, api, last, **options))

    for status in STATUSES:
        provoke(url, status)
    provoke(url, "page")
    provoke(silent_url, "silent", _request_timeout=0.3)
    provoke(unused_url, "refused")
    json.dump(raised, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
