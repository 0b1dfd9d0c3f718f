"""Network errors as sentences for an operator: what went wrong, and the remedy."""

import socket
import ssl
from typing import Final
from urllib.error import URLError

_OWN: Final = "get one from an authority that browsers trust, or make this machine trust yours (SSL_CERT_FILE)"
_CHAIN: Final = "serve the whole chain: the site's certificate and the intermediate ones"
_NAME: Final = "get one for this name, or open the site under a name that it has"
_CERTIFICATES: Final = {  # by OpenSSL's X509_V_ERR_…
    9: "set the clock of this machine, or of the one that issued it",
    10: "renew it; if renewal is automatic, find out why it failed",
    18: _OWN,
    19: _OWN,
    20: _CHAIN,
    21: _CHAIN,
    62: _NAME,
    64: _NAME,
}
_EXPLANATIONS: Final[dict[type[BaseException], tuple[str, str]]] = {
    socket.gaierror: (
        "the host name cannot be resolved",
        "correct the URL, or the DNS record of that name",
    ),
    ConnectionRefusedError: ("nothing listens there", "start the server, or correct its address"),
    TimeoutError: (
        "no answer in time",
        "check that the server runs, and that no firewall drops the packets",
    ),
}


def explain(error: BaseException) -> tuple[str, str]:
    """Return what was seen, and a remedy."""
    cause = _cause(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _certificate(cause)
    if isinstance(cause, ssl.SSLError):
        return _tls(cause)
    for error_type, explanation in _EXPLANATIONS.items():
        if isinstance(cause, error_type):
            return explanation
    return _words(cause), "see the log of the server, or of the proxy in front of it"


def _cause(error: BaseException) -> BaseException:
    """Return the error inside the wrappers of libraries."""
    if isinstance(error, URLError) and isinstance(error.reason, BaseException):
        return _cause(error.reason)
    if isinstance(error, OSError) or error.__cause__ is None:
        return error
    return _cause(error.__cause__)


def _certificate(error: ssl.SSLCertVerificationError) -> tuple[str, str]:
    remedy = _CERTIFICATES.get(error.verify_code, "replace it by one that browsers accept")
    return f"the certificate is refused ({error.verify_message})", remedy


def _tls(error: ssl.SSLError) -> tuple[str, str]:
    reason = (error.reason or "").upper()
    if "WRONG_VERSION_NUMBER" in reason or "HTTP_REQUEST" in reason:
        return "this port does not use TLS", "use http:// for it, or the address of the proxy that ends TLS"
    if "PROTOCOL_VERSION" in reason or "UNSUPPORTED_PROTOCOL" in reason:
        return "the server offers only old versions of TLS", "turn on TLS 1.2 and 1.3 at the proxy"
    return f"TLS failed ({_words(error)})", "check the TLS settings of the proxy"


def _words(error: BaseException) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
