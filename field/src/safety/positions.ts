/**
 * Tells where the crew is: within its hours only, no more often than needed, and only where the
 * person has let the phone know its place before.
 */
import { call } from "@/api/client";
import { corrected } from "@/api/clock";
import { spotNow } from "@/safety/place";
import { useStore } from "@/store/index";

const EVERY_MS = 5 * 60_000;
let last = 0;

export async function positionTell(): Promise<void> {
  const crew = useStore().pack.value?.crew;
  const now = corrected().getTime();
  if (!crew || now - last < EVERY_MS) return;
  if (now < Date.parse(crew.begins_at) || now > Date.parse(crew.ends_at)) return;
  const state = await navigator.permissions?.query({ name: "geolocation" }).catch(() => null);
  if (state?.state !== "granted") return;
  const spot = await spotNow({ ms: 5_000, exact: false });
  if (!spot) return;
  last = now;
  const { latitude, longitude } = spot;
  await call({ method: "POST", path: "position/", body: { latitude, longitude } }).catch(() => undefined);
}
