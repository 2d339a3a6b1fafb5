"""SMPP 3.4 on the wire: the few PDUs a sender of messages needs, encoded and decoded.

Section numbers are those of the SMPP v3.4 specification, issue 1.2.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

HEADER = struct.Struct(">IIII")
MOST_OCTETS = 65_536
SHORT = 140
UCS2, DEFAULT_ALPHABET = 0x08, 0x00
RECEIPT = 0x04  # esm_class of a delivery receipt (5.2.12)
# ASCII characters that the GSM default alphabet writes with the same octet.
PLAIN = re.compile(r"[A-Za-z0-9 \n\r!\"#%&'()*+,\-./:;<=>?]*")


class Command(IntEnum):
    """Command ids (5.1.2.1); an answer has the highest bit set."""

    GENERIC_NACK = 0x80000000
    QUERY_SM = 0x03
    SUBMIT_SM = 0x04
    DELIVER_SM = 0x05
    UNBIND = 0x06
    BIND_TRANSCEIVER = 0x09
    ENQUIRE_LINK = 0x15


ANSWER = 0x80000000


class Status(IntEnum):
    """Command statuses we tell apart (5.1.3)."""

    OK = 0x00
    SYSTEM_ERROR = 0x08
    INVALID_DESTINATION = 0x0B
    INVALID_MESSAGE_ID = 0x0C
    BIND_FAILED = 0x0D
    QUEUE_FULL = 0x14
    SUBMIT_FAILED = 0x45
    THROTTLED = 0x58
    QUERY_FAILED = 0x67
    UNKNOWN_ERROR = 0xFF


class State(IntEnum):
    """Message states (5.2.28)."""

    ENROUTE = 1
    DELIVERED = 2
    EXPIRED = 3
    DELETED = 4
    UNDELIVERABLE = 5
    ACCEPTED = 6
    UNKNOWN = 7
    REJECTED = 8


class Tag(IntEnum):
    """Optional parameters (5.3.2)."""

    RECEIPTED_MESSAGE_ID = 0x001E
    USER_MESSAGE_REFERENCE = 0x0204
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


class BrokenPdu(ValueError):  # noqa: N818
    """The octets are no PDU."""


@dataclass(frozen=True)
class Pdu:
    """A PDU: header fields and body."""

    command: int
    status: int
    sequence: int
    body: bytes = b""

    def encode(self) -> bytes:
        """The octets on the wire."""
        size = HEADER.size + len(self.body)
        return HEADER.pack(size, self.command, self.status, self.sequence) + self.body


@dataclass(frozen=True)
class Short:
    """The body that submit_sm and deliver_sm share (4.4.1, 4.6.1)."""

    source: str
    destination: str
    text: str
    esm_class: int = 0
    registered_delivery: int = 0
    optional: Mapping[int, bytes] = field(default_factory=dict)

    def encode(self) -> bytes:
        """Text that fits one message goes as short_message, longer text as message_payload."""
        coding, octets = text_encode(self.text)
        optional = dict(self.optional)
        if len(octets) > SHORT:
            optional[Tag.MESSAGE_PAYLOAD], octets = octets, b""
        return b"".join(
            (
                b"\0",
                bytes((_ton(self.source), 1)), cstring(self.source, 21),
                bytes((1, 1)), cstring(self.destination.removeprefix("+"), 21),
                bytes((self.esm_class, 0, 0)),
                b"\0\0",
                bytes((self.registered_delivery, 0, coding, 0, len(octets))),
                octets,
                *(
                    struct.pack(">HH", tag, len(value)) + value
                    for tag, value in sorted(optional.items())
                ),
            )
        )  # fmt: skip


def short_decode(body: bytes) -> Short:
    """Raises BrokenPdu where the body ends too early."""
    try:
        _service, rest = cut(body)
        source, rest = cut(rest[2:])
        destination, rest = cut(rest[2:])
        esm_class, rest = rest[0], rest[3:]
        _schedule, rest = cut(rest)
        _validity, rest = cut(rest)
        registered, _replace, coding, _default, size = rest[:5]
        octets, tail = rest[5 : 5 + size], rest[5 + size :]
        optional = optional_decode(tail)
    except (IndexError, ValueError, struct.error) as error:
        raise BrokenPdu("The message is cut off.") from error
    octets = optional.get(Tag.MESSAGE_PAYLOAD, octets)
    text = text_decode(coding, octets)
    return Short(source, destination, text, esm_class, registered, optional)


def optional_decode(tail: bytes) -> dict[int, bytes]:
    """The optional parameters after the mandatory ones."""
    found = {}
    while tail:
        tag, size = struct.unpack_from(">HH", tail)
        found[tag] = tail[4 : 4 + size]
        tail = tail[4 + size :]
    return found


def text_encode(text: str) -> tuple[int, bytes]:
    """Data coding and octets: the default alphabet where it surely fits, else UCS-2."""
    if PLAIN.fullmatch(text):
        return DEFAULT_ALPHABET, text.encode("ascii")
    return UCS2, text.encode("utf-16-be")


def text_decode(coding: int, octets: bytes) -> str:
    """Text of a data coding; what cannot be read is replaced, never refused."""
    encoding = "utf-16-be" if coding == UCS2 else "latin-1"
    return octets.decode(encoding, errors="replace")


def bind_encode(*, system_id: str, password: str) -> bytes:
    """Body of bind_transceiver (4.1.5); interface version 3.4."""
    return (
        cstring(system_id, 16)
        + cstring(password, 9)
        + cstring("", 13)
        + bytes((0x34, 0, 0))
        + b"\0"
    )


def query_encode(*, message_id: str, source: str) -> bytes:
    """Body of query_sm (4.8.1)."""
    return cstring(message_id, 65) + bytes((_ton(source), 1)) + cstring(source, 21)


def query_decode(body: bytes) -> int:
    """The message state in a query_sm_resp (4.8.2)."""
    _message_id, rest = cut(body)
    _final_date, rest = cut(rest)
    return rest[0]


def receipt_fields(text: str) -> dict[str, str]:
    """The fields of a receipt's text (appendix B): id, stat, err, ..."""
    return {name.lower(): value for name, value in re.findall(r"(\w+):(\S*)", text)}


def cstring(text: str, most: int) -> bytes:
    """A C-octet string of at most `most` octets with its NUL. ValueError where it does not fit."""
    octets = text.encode("ascii")
    if len(octets) >= most or b"\0" in octets:
        raise ValueError(f"{text!r} does not fit into {most} octets.")
    return octets + b"\0"


def cut(octets: bytes) -> tuple[str, bytes]:
    """The C-octet string at the front, and what follows it. ValueError without its NUL."""
    end = octets.index(b"\0")
    return octets[:end].decode("latin-1"), octets[end + 1 :]


def header_decode(octets: bytes) -> tuple[int, Pdu]:
    """Size of the whole PDU and its header. Raises BrokenPdu for a size no PDU has."""
    size, command, status, sequence = HEADER.unpack(octets)
    if not HEADER.size <= size <= MOST_OCTETS:
        raise BrokenPdu(f"A PDU of {size} octets.")
    return size, Pdu(command, status, sequence)


def _ton(source: str) -> int:
    return 1 if source.isdigit() and len(source) > 8 else 5 if not source.isdigit() else 0
