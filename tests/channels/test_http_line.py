"""One connection by HTTP: kept while all is well, made anew after anything else."""

from __future__ import annotations

import asyncio

import pytest

from doorstep.channels.http_line import Answer, Line, NeverLeft, Place, Unanswered

REQUEST = b"GET / HTTP/1.1\r\nHost: gateway\r\n\r\n"
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def talk(answers: list[bytes], questions: int, *, timeout: float = 0.5) -> tuple[list[object], int]:
    """What a line makes of a gateway that answers so, and how many connections it took. An empty
    answer is silence; one that ends in ! is followed by the end of the connection."""
    left, connections = iter(answers), 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while (await reader.read(1000)) and (answer := next(left, b"")):
            writer.write(answer.removesuffix(b"!"))
            if answer.endswith(b"!"):
                break
        writer.close()

    async def go() -> list[object]:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        line = Line(Place("127.0.0.1", server.sockets[0].getsockname()[1], None, timeout))
        found: list[object] = []
        for _ in range(questions):
            try:
                found.append(await line.ask(REQUEST))
            except (NeverLeft, Unanswered) as error:
                found.append(error)
            await asyncio.sleep(0.02)
        line.drop()
        await asyncio.sleep(0.02)
        server.close()
        return found

    return asyncio.run(go()), connections


def body_of(answer: object) -> bytes:
    assert isinstance(answer, Answer)
    return answer.body


def test_a_connection_is_kept_from_one_request_to_the_next() -> None:
    found, connections = talk([PLAIN] * 3, 3)
    assert [body_of(each) for each in found] == [b"{}"] * 3
    assert connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + PLAIN,
        b"HTTP/1.1 200 OK\r\nX-Length: none\r\n\r\n{}!",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}!",
    ],
    ids=["in chunks", "after an interim one", "to the end of the connection", "the last one"],
)
def test_an_answer_is_read_however_it_is_framed(answer: bytes) -> None:
    found, _ = talk([answer, PLAIN], 2)
    assert [body_of(each) for each in found] == [b"{}", b"{}"]


@pytest.mark.parametrize(
    "answer",
    [b"", b"!", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}!", b"no such thing\r\n\r\n"],
    ids=["silence", "a broken connection", "half an answer", "not HTTP"],
)
def test_without_a_whole_answer_nobody_knows_and_the_next_request_starts_afresh(
    answer: bytes,
) -> None:
    (first, second), connections = talk([answer, PLAIN], 2)
    assert isinstance(first, Unanswered)
    assert body_of(second) == b"{}"
    assert connections == 2


def test_bytes_that_nobody_asked_for_are_nobodys_answer() -> None:
    (first, second), connections = talk([PLAIN + b"\r\n" + PLAIN, PLAIN], 2)
    assert body_of(first) == body_of(second) == b"{}"
    assert connections <= 2


def test_where_nobody_listens_nothing_left() -> None:
    async def go() -> None:
        with pytest.raises(NeverLeft):
            await Line(Place("127.0.0.1", 9, None, 0.5)).ask(REQUEST)

    asyncio.run(go())
