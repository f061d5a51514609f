"""Why a TLS handshake has failed."""

import ssl

CLIENT_CERTIFICATE = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED", "HANDSHAKE_FAILURE")
"""In the names of alerts by which a server refuses the client's certificate, or that it has none."""


def handshake_problem(error: object, *, is_certain: bool = False) -> str | None:
    """Say why a handshake has failed, and what may help.

    Args:
        error: What connecting has raised.
        is_certain: Whether it comes from a handshake, also where its type does not tell.

    Returns:
        A clause, or `None` where it was no handshake that failed.
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        why = error.verify_message.rstrip(".")
        return f"the server's certificate is refused: {why} (ssl= takes a context with other trust)"
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
        return f"the TLS handshake failed: {_reason(error.reason or '')}"
    if isinstance(error, ssl.SSLError) or (is_certain and isinstance(error, ConnectionResetError)):
        return (
            "the server has ended the TLS handshake without a word, as some do that want another"
            " version of TLS or a certificate of the client (ssl= takes a context with these)"
        )
    return None


def _reason(name: str) -> str:
    if "VERSION_NUMBER" in name or "HTTP" in name:
        return "the server does not speak TLS; is its URL one of http://?"
    if "PROTOCOL" in name:
        return "client and server have no version of TLS in common"
    if "ALERT" in name and any(part in name for part in CLIENT_CERTIFICATE):
        return (
            "the server refuses the client's certificate, or wants one"
            f" (ssl= takes a context with it): {_words(name)}"
        )
    return _words(name)


def _words(name: str) -> str:
    return name.lower().replace("_", " ") or "no reason is given"
