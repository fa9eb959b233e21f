"""Frames between Cellar and a serving worker: a header of JSON and a body of bytes, over an inherited Unix socket.

Little-endian: the length of the header and the length of the body in 4 bytes each, then the two.
"""

import json
import socket
import struct

_LENGTHS = struct.Struct("<II")


class Connection:
    """One conversation: a request, then its answer."""

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._socket.setblocking(True)

    def receive(self) -> "tuple[dict, bytearray] | None":
        """The next request, or None when the other side has closed. Its body may be written to."""
        lengths = self._exactly(_LENGTHS.size)
        if lengths is None:
            return None
        header_length, body_length = _LENGTHS.unpack(lengths)
        header, body = self._exactly(header_length), self._exactly(body_length)
        return None if header is None or body is None else (json.loads(header), body)

    def send(self, header: dict, parts: "list[bytes] | None" = None) -> None:
        """Answers. Raises BrokenPipeError when the other side has closed."""
        encoded = json.dumps(header, allow_nan=False).encode()
        body = b"".join(parts or ())
        self._socket.sendall(_LENGTHS.pack(len(encoded), len(body)) + encoded + body)

    def _exactly(self, length: int) -> "bytearray | None":
        buffer = bytearray(length)
        view = memoryview(buffer)
        while len(view) > 0:
            received = self._socket.recv_into(view)
            if received == 0:
                return None
            view = view[received:]
        return buffer
