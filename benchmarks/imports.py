"""What importing the clients costs on top of importing the libraries under them.

`python -m benchmarks.imports [ROUNDS]` takes both in turn, each in a new interpreter.
"""

import statistics
import subprocess
import sys

BASE = "import aiohttp, attrs, cattrs"
OURS = f"{BASE}; from conversation_client import AsyncConversationClient, ConversationClient"
PROBE = """
import resource, time
started = time.perf_counter()
{statement}
elapsed = time.perf_counter() - started
print(elapsed, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def measure(statement: str) -> tuple[float, float]:
    """Return milliseconds and MiB of a new interpreter that runs the statement."""
    code = PROBE.format(statement=statement)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    seconds, kibibytes = run.stdout.split()
    return float(seconds) * 1e3, float(kibibytes) / 1024


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    samples = [(measure(BASE), measure(OURS)) for _ in range(rounds)]
    for unit, column in (("ms", 0), ("MiB", 1)):
        base = [base[column] for base, _ in samples]
        ours = [ours[column] for _, ours in samples]
        over = statistics.median(b - a for a, b in zip(base, ours, strict=True))
        print(
            f"{unit:>3}: libraries {statistics.median(base):6.1f}"
            f"  with the clients {statistics.median(ours):6.1f}  over {over:+.1f}"
        )


if __name__ == "__main__":
    main()
