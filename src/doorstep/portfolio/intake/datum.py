"""Points of the Chinese maps' datums as WGS-84.

GCJ-02 is WGS-84 with a published offset; BD-09 is GCJ-02 with another. The formulas are the
publicly known ones (first published as "EvilTransform", 2013; constants of the Krasovsky 1940
ellipsoid: a = 6378245 m, ee = 0.00669342162296594323). The way back from GCJ-02 is found by
iteration and is exact to less than a millimetre; the offset applies inside China's bounding box.
"""

from __future__ import annotations

from math import atan2, cos, fabs, pi, sin, sqrt

A = 6378245.0
EE = 0.00669342162296594323
BD = pi * 3000.0 / 180.0

Point = tuple[float, float]


def to_wgs84(latitude: float, longitude: float, *, datum: str) -> Point:
    """(latitude, longitude) in degrees of `datum` (wgs84, gcj02, bd09) as WGS-84."""
    if datum == "bd09":
        latitude, longitude = _gcj_of_bd(latitude, longitude)
    if datum in {"bd09", "gcj02"}:
        return _wgs_of_gcj(latitude, longitude)
    return latitude, longitude


def gcj02_of(latitude: float, longitude: float) -> Point:
    """WGS-84 as GCJ-02; unchanged outside China's bounding box."""
    if not (72.004 <= longitude <= 137.8347 and 0.8293 <= latitude <= 55.8271):
        return latitude, longitude
    x, y = longitude - 105.0, latitude - 35.0
    magic = 1 - EE * sin(latitude / 180.0 * pi) ** 2
    north = _north(x, y) * 180.0 / ((A * (1 - EE)) / (magic * sqrt(magic)) * pi)
    east = _east(x, y) * 180.0 / (A / sqrt(magic) * cos(latitude / 180.0 * pi) * pi)
    return latitude + north, longitude + east


def bd09_of(latitude: float, longitude: float) -> Point:
    """GCJ-02 as BD-09."""
    z = sqrt(longitude**2 + latitude**2) + 0.00002 * sin(latitude * BD)
    theta = atan2(latitude, longitude) + 0.000003 * cos(longitude * BD)
    return z * sin(theta) + 0.006, z * cos(theta) + 0.0065


def _gcj_of_bd(latitude: float, longitude: float) -> Point:
    y, x = latitude - 0.006, longitude - 0.0065
    z = sqrt(x * x + y * y) - 0.00002 * sin(y * BD)
    theta = atan2(y, x) - 0.000003 * cos(x * BD)
    return z * sin(theta), z * cos(theta)


def _wgs_of_gcj(latitude: float, longitude: float) -> Point:
    lat, lon = latitude, longitude
    for _ in range(8):
        there = gcj02_of(lat, lon)
        lat, lon = lat + latitude - there[0], lon + longitude - there[1]
    return lat, lon


def _waves(v: float) -> float:
    return (20.0 * sin(6.0 * v * pi) + 20.0 * sin(2.0 * v * pi)) * 2.0 / 3.0


def _north(x: float, y: float) -> float:
    total = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(fabs(x))
    total += _waves(x)
    total += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    return total + (160.0 * sin(y / 12.0 * pi) + 320 * sin(y * pi / 30.0)) * 2.0 / 3.0


def _east(x: float, y: float) -> float:
    total = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(fabs(x))
    total += _waves(x)
    total += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    return total + (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
