"""What a service has left of its client once that is closed."""

import asyncio

import conversation_client

PACKAGE = conversation_client.__path__[0]


def tell() -> None:
    """Print the tasks, other than this one, in which the library's code still runs."""
    running = asyncio.all_tasks() - {asyncio.current_task()}
    ours = [task for task in running if any(PACKAGE in str(frame) for frame in task.get_stack())]
    print("left:", ours, flush=True)
