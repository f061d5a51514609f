"""Run by the interpreter that has the official SDK: print its models' names by their modules'."""

import importlib
import inspect
import json
import pkgutil
import sys

from pieces_os_client import models


def find() -> dict[str, str]:
    found = {}
    for file in pkgutil.iter_modules(models.__path__):
        module = importlib.import_module(f"{models.__name__}.{file.name}")
        for name, kind in inspect.getmembers(module, inspect.isclass):
            if kind.__module__ == module.__name__:
                found[file.name] = name
    return found


if __name__ == "__main__":
    json.dump(find(), sys.stdout)
