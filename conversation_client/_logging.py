"""The logger `conversation_client`: a line for each attempt, at level DEBUG."""

import logging
import os

LEVEL_VARIABLE = "CONVERSATION_CLIENT_LOG"

logger = logging.getLogger("conversation_client")
logger.addHandler(logging.NullHandler())


def log_to_stderr(level: str) -> None:
    """Write the log to standard error, from a level such as `debug` on; ignores an unknown one."""
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is not None:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
        logger.addHandler(handler)
        logger.setLevel(number)


log_to_stderr(os.environ.get(LEVEL_VARIABLE, ""))
