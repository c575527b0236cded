"""The addresses to listen on, taken before anything else starts."""

from __future__ import annotations

import errno
import socket
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress

from kloe.core.errors import EnvironmentFault
from kloe.core.messages import _

LOCAL = ("localhost", "127.0.0.1", "::1", "[::1]")
EVERYWHERE = ("0.0.0.0", "::", "[::]")  # noqa: S104 - compared with, not bound to
BACKLOG = 256
#: Seconds a caller may say nothing in the middle of a request, or take nothing of an answer.
#: Each holds a thread meanwhile: without an end a handful of callers would hold them all.
PATIENCE = 20


def _addresses(host: str) -> list[tuple[socket.AddressFamily, str]]:
    if host == "localhost":
        # Browsers try both; whoever holds only one of them leaves the other to a stranger.
        return [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
    try:
        found = socket.getaddrinfo(
            host.strip("[]"), None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except OSError as error:
        raise EnvironmentFault(
            _("There is no address for the host %(host)s.", host=host),
            _("kloe listens on an address of this machine: localhost, 0.0.0.0, its name."),
            _("Give one of them with --host."),
        ) from error
    return list(dict.fromkeys((family, str(address[0])) for family, *_rest, address in found))


def _listen(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            _be_patient(sock)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((address, port))
        sock.listen(BACKLOG)
    except BaseException:
        sock.close()
        raise
    return sock


def _be_patient(sock: socket.socket) -> None:
    """Have the machine end what stands still; sockets that callers get take it over from this."""
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        with suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", PATIENCE, 0))


def close(sockets: Iterable[socket.socket]) -> None:
    """Close all of them."""
    for one in sockets:
        one.close()


def listen(host: str, port: int) -> list[socket.socket]:
    """Listen on every address of ``host``; port 0 takes one that is free.

    :raises EnvironmentFault: if the port is taken or not ours to take, or the host is not here.
    """
    if not 0 <= port <= 65535:
        raise EnvironmentFault(
            _("There is no port %(port)s.", port=port),
            _("Ports are numbered from 1 to 65535."),
            _("Give another with --port, for example --port 8000."),
        )
    made: list[socket.socket] = []
    wanted = port
    try:
        for family, address in _addresses(host):
            try:
                made.append(_listen(family, address, wanted))
            except OSError as error:
                # A machine without IPv6 has no ::1; one address is enough there.
                if made and error.errno in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}:
                    continue
                raise
            wanted = made[0].getsockname()[1]
    except OSError as error:
        close(made)
        raise _fault(host, wanted, error) from error
    except BaseException:
        close(made)
        raise
    return made


def _fault(host: str, port: int, error: OSError) -> EnvironmentFault:
    if error.errno == errno.EADDRINUSE:
        return EnvironmentFault(
            _("Port %(port)s is taken: another program listens there.", port=port),
            _("Each address can be held by one program at a time."),
            _(
                "Stop that program (perhaps another kloe serve), or take another port: "
                "--port %(n)d.",
                n=port + 1 if port < 65535 else 8001,
            ),
        )
    if error.errno in {errno.EACCES, errno.EPERM}:
        return EnvironmentFault(
            _("This account may not listen on port %(port)s.", port=port),
            _("Ports below 1024 belong to the system."),
            _("Take another port, for example --port 8000."),
        )
    return EnvironmentFault(
        _(
            "kloe cannot listen on %(host)s, port %(port)s: %(error)s.",
            host=host,
            port=port,
            error=error.strerror or error,
        ),
        _("The host has to be an address of this machine."),
        _("Give another with --host, for example --host localhost."),
    )


def names_for(host: str) -> list[str]:
    """The names under which pages may be asked for, when listening on ``host``."""
    found = ["localhost", "127.0.0.1", "[::1]"]
    if host in EVERYWHERE:
        name = socket.gethostname()
        found += [name, f"{name}.local"]
        # Which of our addresses leads outside: a datagram socket finds out without sending.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect(("192.0.2.1", 9))
                found.append(probe.getsockname()[0])
            except OSError:
                pass
    elif host not in LOCAL:
        found.append(f"[{host}]" if ":" in host and not host.startswith("[") else host)
    return list(dict.fromkeys(found))
