/**
 * A base map made up of nothing but a grid of streets: places keep their directions and distances,
 * no outline of any country is drawn.
 */
export interface Point {
  latitude: number;
  longitude: number;
}

export interface Frame {
  centre: Point;
  /** Metres from the middle to the edge. */
  reach: number;
}

export interface Street {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  wide: boolean;
}

export const SIZE = 400;
const METRES_A_DEGREE = 111_320;
const LEAST_REACH = 400;

/** The smallest frame that shows all points with some room; null without any. */
export function frameOf(points: readonly Point[]): Frame | null {
  if (!points.length) return null;
  const lats = points.map((point) => point.latitude);
  const lons = points.map((point) => point.longitude);
  const centre = {
    latitude: (Math.min(...lats) + Math.max(...lats)) / 2,
    longitude: (Math.min(...lons) + Math.max(...lons)) / 2,
  };
  const far = points.map((point) => {
    const { east, north } = metresFrom(centre, point);
    return Math.max(Math.abs(east), Math.abs(north));
  });
  return { centre, reach: Math.max(LEAST_REACH, Math.max(...far) * 1.2) };
}

function metresFrom(centre: Point, point: Point): { east: number; north: number } {
  const squeeze = Math.cos((centre.latitude * Math.PI) / 180);
  return {
    east: (point.longitude - centre.longitude) * METRES_A_DEGREE * squeeze,
    north: (point.latitude - centre.latitude) * METRES_A_DEGREE,
  };
}

/** Where a place lies in a square of SIZE, north up. */
export function placed(frame: Frame, point: Point): { x: number; y: number } {
  const { east, north } = metresFrom(frame.centre, point);
  const scale = SIZE / (2 * frame.reach);
  return { x: SIZE / 2 + east * scale, y: SIZE / 2 - north * scale };
}

/** Metres of a street block, round, so that about ten fit. */
export function blockOf(reach: number): number {
  const rough = reach / 5;
  const ten = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5, 10].find((each) => each * ten >= rough) ?? 10) * ten;
}

/** Streets stand still when the frame moves: they lie on multiples of a block from 0° 0°. */
export function streets(frame: Frame): Street[] {
  const block = blockOf(frame.reach);
  const scale = SIZE / (2 * frame.reach);
  const squeeze = Math.cos((frame.centre.latitude * Math.PI) / 180);
  const lines: Street[] = [];
  const offset = (degrees: number, factor: number) => degrees * METRES_A_DEGREE * factor;
  for (const [middle, upright] of [
    [offset(frame.centre.longitude, squeeze), true], [offset(frame.centre.latitude, 1), false],
  ] as const) {
    const first = Math.ceil((middle - frame.reach) / block);
    const last = Math.floor((middle + frame.reach) / block);
    for (let at = first; at <= last; at += 1) {
      const along = (at * block - middle) * scale;
      const wide = at % 5 === 0;
      const place = upright ? SIZE / 2 + along : SIZE / 2 - along;
      lines.push(upright ? { x1: place, y1: 0, x2: place, y2: SIZE, wide } : { x1: 0, y1: place, x2: SIZE, y2: place, wide });
    }
  }
  return lines;
}
