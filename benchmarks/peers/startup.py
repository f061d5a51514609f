"""Runs the code of its second argument, and tells what a process has paid when that is done.

Imports next to nothing itself: what the code needs has to be the code's own cost.
"""

import sys
import time

CODE = sys.argv[2]

wall, cpu = time.perf_counter(), time.process_time()
exec(CODE)
cpu, wall = time.process_time() - cpu, time.perf_counter() - wall

with open("/proc/self/status") as status:  # noqa: PTH123
    rss = int(status.read().partition("VmHWM:")[2].split()[0]) / 1024
print(f'{{"count": 1, "wall": {wall}, "cpu": {cpu}, "done": 1, "rss": {rss}}}')
