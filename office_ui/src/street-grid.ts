// The default base map: a grid of streets that is drawn, not surveyed. It shows distances and
// directions and names no place. Lines lie on whole steps from the nearest whole degree, so that the
// same place always looks the same, however the map is moved.

type Position = [number, number];
export interface Lines {
  type: "FeatureCollection";
  features: { type: "Feature"; properties: { width: number }; geometry: { type: "LineString"; coordinates: Position[] } }[];
}

const METRES_A_DEGREE = 111_320;
const STEP = 250;
const MAIN = 4; // every fourth street is a wide one
const MOST_LINES = 400;

/** Streets from the south-west to the north-east corner (degrees), with a margin around them. */
export function streetGrid(west: number, south: number, east: number, north: number): Lines {
  const origin: Position = [Math.floor(west), Math.floor(south)];
  const across = METRES_A_DEGREE * Math.cos((origin[1] * Math.PI) / 180);
  const margin = Math.max(2_000, 0.5 * Math.max((north - south) * METRES_A_DEGREE, (east - west) * across));
  const xs: Reach = [(west - origin[0]) * across - margin, (east - origin[0]) * across + margin];
  const ys: Reach = [(south - origin[1]) * METRES_A_DEGREE - margin, (north - origin[1]) * METRES_A_DEGREE + margin];
  const at = (x: number, y: number): Position => [origin[0] + x / across, origin[1] + y / METRES_A_DEGREE];
  return {
    type: "FeatureCollection",
    features: [
      ...streets(xs).map(([x, width]) => line([at(x, ys[0]), at(x, ys[1])], width)),
      ...streets(ys).map(([y, width]) => line([at(xs[0], y), at(xs[1], y)], width)),
    ],
  };
}

type Reach = [number, number];

/** Where streets run within a reach, in metres, and how wide they are; fewer over a wide reach. */
function streets([from, to]: Reach): [number, number][] {
  let step = STEP;
  while ((to - from) / step > MOST_LINES) step *= 2;
  const found: [number, number][] = [];
  for (let index = Math.ceil(from / step - 0.5); (index + 0.5) * step <= to; index += 1) {
    found.push([(index + 0.5) * step, index % MAIN === 0 ? 2 : 1]);
  }
  return found;
}

function line(coordinates: Position[], width: number): Lines["features"][number] {
  return { type: "Feature", properties: { width }, geometry: { type: "LineString", coordinates } };
}
