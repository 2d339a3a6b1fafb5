/** Where the phone is. */
export interface Spot {
  latitude: number;
  longitude: number;
  accuracy_m: number;
}

/** null where the phone may not say, does not know, or takes longer than `ms`. */
export function spotNow({ ms = 10_000, exact = true }: { ms?: number; exact?: boolean } = {}): Promise<Spot | null> {
  if (!navigator.geolocation) return Promise.resolve(null);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), ms + 500);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        clearTimeout(timer);
        resolve({ latitude: coords.latitude, longitude: coords.longitude, accuracy_m: Math.round(coords.accuracy) });
      },
      () => {
        clearTimeout(timer);
        resolve(null);
      },
      { enableHighAccuracy: exact, timeout: ms, maximumAge: 15_000 },
    );
  });
}

/** As the server measures, so that both say the same of a place. */
const EARTH_M = 6_371_008.8;

/** Metres between two places along a great circle. */
export function metres(
  a: { latitude: number; longitude: number }, b: { latitude: number; longitude: number },
): number {
  const rad = Math.PI / 180;
  const dLat = (b.latitude - a.latitude) * rad;
  const dLon = (b.longitude - a.longitude) * rad;
  const h = Math.sin(dLat / 2) ** 2
    + Math.cos(a.latitude * rad) * Math.cos(b.latitude * rad) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(h)));
}
