"""Routing servers on loopback, as OSRM and Valhalla answer: their limits, their errors, their gaps.

Streets form a grid: the way is north plus east. A place on an island has no road.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

METRES_A_DEGREE = 111_320.0
METRES_A_SECOND = 10.0
OSRM_MOST = 100
VALHALLA_MOST_PAIRS = 2_500
Point = tuple[float, float]


@dataclass
class Roads:
    """One server that answers both ways, and what it was asked."""

    island: Point | None = None
    broken: str = ""
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def metres(self, one: Point, other: Point) -> float | None:
        if one != other and self.island in (one, other):
            return None
        return (abs(one[0] - other[0]) + abs(one[1] - other[1])) * METRES_A_DEGREE

    def osrm(self, path: str, query: str) -> tuple[int, dict[str, Any]]:
        points = [
            (float(lat), float(lon))
            for lon, lat in (pair.split(",") for pair in path.rsplit("/", 1)[1].split(";"))
        ]
        given = parse_qs(query)
        rows = [points[int(n)] for n in given["sources"][0].split(";")]
        columns = [points[int(n)] for n in given["destinations"][0].split(";")]
        if len(rows) * len(columns) > OSRM_MOST**2:
            return 400, {"code": "TooBig", "message": "Too many table coordinates"}
        found = [[self.metres(one, other) for other in columns] for one in rows]
        seconds = [[None if m is None else round(m / METRES_A_SECOND, 1) for m in r] for r in found]
        return 200, {"code": "Ok", "durations": seconds, "distances": found}

    def valhalla(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        rows = [(each["lat"], each["lon"]) for each in asked["sources"]]
        columns = [(each["lat"], each["lon"]) for each in asked["targets"]]
        if len(rows) * len(columns) > VALHALLA_MOST_PAIRS:
            return 400, {"error_code": 150, "error": "Exceeded max locations"}
        cells = []
        for n, one in enumerate(rows):
            ways = [self.metres(one, other) for other in columns]
            cells.append(
                [
                    {
                        "from_index": n, "to_index": m,
                        "time": None if way is None else round(way / METRES_A_SECOND),
                        "distance": None if way is None else round(way / 1000, 3),
                    }
                    for m, way in enumerate(ways)
                ]
            )  # fmt: skip
        return 200, {"sources_to_targets": cells, "units": "kilometers"}


@contextmanager
def roads_served(roads: Roads) -> Iterator[Roads]:
    """The server while it runs; its address is in `roads.url`."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            self._say(*roads.osrm(parts.path, parts.query))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._say(*roads.valhalla(json.loads(body)))

        def _say(self, status: int, told: dict[str, Any]) -> None:
            roads.asked.append(self.path)
            said = roads.broken.encode() if roads.broken else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    roads.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield roads
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
