"""What tests need of a system that not every one has; Windows lacks all of it."""

import os
import signal

import pytest

try:
    import resource
except ImportError:
    resource = None

needs_forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs forks")
needs_signals = pytest.mark.skipif(
    not hasattr(signal, "SIGUSR1"), reason="needs signals that can be sent to a process"
)
needs_resource = pytest.mark.skipif(
    resource is None, reason="needs to know, or to limit, what a process takes"
)
