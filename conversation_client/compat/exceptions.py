"""What is raised, by the official SDK's names."""

from collections.abc import Collection, Mapping
from typing import ClassVar, Protocol

from conversation_client._http.charset import text_of
from conversation_client.errors import (
    ConversationClientError,
    InvalidArgumentError,
    StatusError,
)


class HttpResponse(Protocol):
    """A reply, as `rest.RESTResponse` is one."""

    status: int
    reason: str
    data: bytes

    def getheaders(self) -> Mapping[str, str]:
        """Return the headers."""
        ...


class OpenApiException(Exception):  # noqa: N818  # the SDK's name, as all of these are
    """Base of all that is raised here."""


class ApiException(OpenApiException):
    """A call that failed; its `__cause__` is the library's own error, which tells more.

    Attributes:
        status: The HTTP status by which the server refused; 0 if it did not: there was no reply,
            none in time, or none that makes sense, or nothing was sent.
        reason: The phrase beside the status, or what was wrong.
        body: Text of the reply, if there was one.
        data: What the body was read as; always `None` here.
        headers: Those of the reply, if there was one.
    """

    statuses: ClassVar[Collection[int]] = ()
    """The statuses that a subclass stands for."""

    def __init__(
        self,
        status: int | None = None,
        reason: str | None = None,
        http_resp: HttpResponse | None = None,
        *,
        body: str | None = None,
        data: object = None,
    ) -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason
        self.body = body
        self.data = data
        self.headers: Mapping[str, str] | None = None
        if http_resp is not None:
            self.status = http_resp.status if status is None else status
            self.reason = http_resp.reason if reason is None else reason
            self.headers = http_resp.getheaders()
            content_type = self.headers.get("Content-Type", "")
            self.body = text_of(http_resp.data, content_type) if body is None else body

    @staticmethod
    def of(error: ConversationClientError, response: HttpResponse | None) -> "ApiException":
        """Make the exception that stands for an error of the library, which is to be its cause."""
        if isinstance(error, StatusError):
            kinds = ApiException.__subclasses__()
            kind = next((kind for kind in kinds if error.status in kind.statuses), ApiException)
            return kind(error.status, http_resp=response)
        kind = ApiValueError if isinstance(error, InvalidArgumentError) else ApiException
        return kind(0, str(error), response)

    def __str__(self) -> str:
        """Show all that there is, a line each."""
        lines = [f"({self.status})", f"Reason: {self.reason}"]
        lines += [f"HTTP response headers: {self.headers}"] if self.headers else []
        lines += [f"HTTP response body: {self.body}"] if self.body else []
        return "".join(f"{line}\n" for line in lines)


class BadRequestException(ApiException):
    """400."""

    statuses: ClassVar[Collection[int]] = (400,)


class UnauthorizedException(ApiException):
    """401."""

    statuses: ClassVar[Collection[int]] = (401,)


class ForbiddenException(ApiException):
    """403."""

    statuses: ClassVar[Collection[int]] = (403,)


class NotFoundException(ApiException):
    """404: the server does not know the path."""

    statuses: ClassVar[Collection[int]] = (404,)


class ConflictException(ApiException):
    """409."""

    statuses: ClassVar[Collection[int]] = (409,)


class UnprocessableEntityException(ApiException):
    """422."""

    statuses: ClassVar[Collection[int]] = (422,)


class ServiceException(ApiException):
    """5xx: the server failed, or does not know an id."""

    statuses: ClassVar[Collection[int]] = range(500, 600)


class ApiValueError(ApiException, ValueError):
    """An argument that cannot be sent; nothing was."""


class ApiTypeError(OpenApiException, TypeError):
    """Arguments that a method does not have, or lacks."""


class ApiAttributeError(OpenApiException, AttributeError):
    """Never raised here."""


class ApiKeyError(OpenApiException, KeyError):
    """Never raised here."""
