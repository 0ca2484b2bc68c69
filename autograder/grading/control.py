"""Messages between the grader and a zygote, over a socket that can carry file descriptors."""

from __future__ import annotations

import array
import json
import socket
import struct
from typing import Any

LENGTH = struct.Struct(">I")
NOT_CONFINED = 97
"""Exit code of a process that could not be confined; no student's code ran in it."""


def send(control: socket.socket, head: dict[str, Any], handles: list[int] | None = None) -> None:
    """Send a message, with file descriptors if there are any."""
    body = json.dumps(head).encode()
    passed = array.array("i", handles or [])
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, passed)] if handles else []
    control.sendmsg([LENGTH.pack(len(body))], rights)
    control.sendall(body)


def receive(control: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """Return the next message and its file descriptors; None at the end."""
    handles = array.array("i")
    length, rights, _, _ = control.recvmsg(LENGTH.size, socket.CMSG_SPACE(handles.itemsize))
    for _, _, data in rights:
        handles.frombytes(data)
    if not length:
        return None, []
    length += receive_exactly(control, LENGTH.size - len(length))
    head: dict[str, Any] = json.loads(receive_exactly(control, *LENGTH.unpack(length)))
    return head, list(handles)


def receive_exactly(control: socket.socket, size: int) -> bytes:
    """Return the next bytes.

    Raises
    ------
    EOFError
        If the other side is gone.
    """
    parts, left = [], size
    while left:
        part = control.recv(min(left, 2**20))
        if not part:
            raise EOFError
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
