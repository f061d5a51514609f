"""How a batch is to run."""

import attrs

from conversation_client._batch.progress import OnProgress, Progress
from conversation_client._http.wire import check_seconds
from conversation_client.batch import BatchProgress
from conversation_client.errors import InvalidArgumentError


def _seconds(_: object, attribute: "attrs.Attribute[float]", value: float) -> None:
    check_seconds(attribute.name, value)


def _progress(on_progress: OnProgress | None) -> Progress:
    if on_progress is not None and not callable(on_progress):
        raise InvalidArgumentError(f"on_progress: a function or None, not {on_progress!r}")
    return Progress(on_progress)


@attrs.frozen
class Settings:
    """How a batch runs, which begins as they are made.

    Raises:
        InvalidArgumentError: A value is out of range.
    """

    concurrency: int
    give_up_after: float = attrs.field(validator=_seconds)
    progress: Progress = attrs.field(converter=_progress)

    async def tell_reading(self, total: int | None) -> None:
        """Tell, if it is time, that the input is being read and nothing was sent yet."""
        if self.progress.is_due:
            progress = BatchProgress(
                done=0,
                failed=0,
                total=total,
                elapsed=self.progress.elapsed,
                concurrency=self.concurrency,
                waiting=False,
            )
            await self.progress.tell(progress)
