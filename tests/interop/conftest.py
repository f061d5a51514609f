"""Releases of the official SDK, to be used in processes of their own.

Every release gets a virtual environment of its own, below the directory that
`CONVERSATION_CLIENT_INTEROP_ENVS` names, where it stays, or else below a temporary one.
"""

import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

RELEASES = ("5.0.1", "2.2.0")
UNREACHABLE = re.compile(r"Max retries exceeded|\(from versions: none\)")


@pytest.fixture(scope="session", params=RELEASES)
def sdk_release(request):
    """The number of a release."""
    return request.param


@pytest.fixture(scope="session")
def sdk_python(sdk_release, tmp_path_factory):
    """The interpreter of an environment that has the release."""
    kept = os.environ.get("CONVERSATION_CLIENT_INTEROP_ENVS")
    parent = Path(kept) if kept else tmp_path_factory.mktemp("sdk")
    tag = sys.implementation.cache_tag
    return installed(sdk_release, parent / f"pieces_os_client-{sdk_release}-{tag}")


def installed(release, folder):
    """Return the interpreter of an environment that has the release, made if need be."""
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    complete = folder / "complete"
    if not complete.exists():
        venv.create(folder, clear=True, with_pip=True)
        options = ["--quiet", "--retries", "1", f"pieces_os_client=={release}"]
        install = [python, "-m", "pip", "install", *options]
        done = subprocess.run(install, capture_output=True, text=True, check=False)
        if done.returncode and UNREACHABLE.search(done.stderr):
            pytest.skip(f"PyPI cannot be reached: {done.stderr.splitlines()[-1]}")
        assert done.returncode == 0, done.stderr
        complete.touch()
    return python
