"""Servers that speak TLS, and the certificates that they and their clients need."""

import socket
import ssl
import subprocess
import threading
from pathlib import Path
from typing import Self

from waiting import LONG

KEY = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
AUTHORITY = """
[ca]
default_ca = authority
[authority]
certificate = authority.pem
private_key = authority.key
database = signed
serial = serial
new_certs_dir = .
default_md = sha256
policy = policy
unique_subject = no
[policy]
commonName = supplied
"""
REPLY = b"HTTP/1.1 204 No Content\r\n\r\n"


class Authority:
    """One that signs certificates, and one more that nobody trusts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for name, content in {"config": AUTHORITY, "signed": "", "serial": "1000\n"}.items():
            (folder / name).write_text(content)
        for name in ("authority", "rogue"):
            self._openssl(
                f"req -x509 {KEY} -subj /CN={name} -keyout {name}.key -out {name}.pem"
                " -addext keyUsage=critical,keyCertSign,cRLSign"  # which Python asks for from 3.13 on
            )

    def certify(self, name: str, host: str, last_year: int = 2049) -> str:
        """Sign a certificate for a host, from 2020 to the end of a year, and return its name."""
        (self._folder / f"{name}.ext").write_text(
            f"subjectAltName=DNS:{host}\nauthorityKeyIdentifier=keyid\n"
        )
        self._openssl(f"req {KEY} -subj /CN={host} -keyout {name}.key -out {name}.csr")
        self._openssl(
            f"ca -batch -notext -config config -in {name}.csr -extfile {name}.ext -out {name}.pem"
            f" -startdate 20200101000000Z -enddate {last_year}1231235959Z"
        )
        return name

    def path(self, name: str) -> str:
        return str(self._folder / f"{name}.pem")

    def load(self, context: ssl.SSLContext, name: str) -> None:
        context.load_cert_chain(self.path(name), self._folder / f"{name}.key")

    def trusted(self, own: str | None = None) -> ssl.SSLContext:
        """Return a client's context: what it trusts, and its own certificate."""
        context = ssl.create_default_context(cafile=self.path("authority"))
        if own is not None:
            self.load(context, own)
        return context

    def _openssl(self, arguments: str) -> None:
        command = ["openssl", *arguments.split()]
        subprocess.run(command, cwd=self._folder, capture_output=True, check=True)


class TlsServer:
    """Answers each request with a 204, over TLS, from threads of its own."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self.connections = self.requests = 0
        self._context = context
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]
        self.url = f"https://localhost:{self._listening.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join(LONG)

    def _accept(self) -> None:
        while True:
            try:
                raw, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(raw,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, raw: socket.socket) -> None:
        with raw:
            raw.settimeout(LONG)
            try:
                if self._context is None:
                    raw.recv(1024)
                    raw.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
                    return
                with self._context.wrap_socket(
                    raw, server_side=True, do_handshake_on_connect=False
                ) as stream:
                    self._shake_hands(stream)
                    while b"\r\n\r\n" in stream.recv(65536):
                        self.requests += 1
                        stream.sendall(REPLY)
            except OSError:
                pass  # the client has left, or was refused

    def _shake_hands(self, stream: ssl.SSLSocket) -> None:
        """Greet a client; one that is refused hears why, whatever it has sent meanwhile."""
        try:
            stream.do_handshake()
        except OSError:
            stream.shutdown(socket.SHUT_WR)
            while stream.recv(65536):  # or the system would reset the connection
                pass
            raise
