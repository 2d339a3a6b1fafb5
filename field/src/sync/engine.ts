/**
 * Keeps phone and server in step by itself: on start, when something was recorded, when the network
 * returns, when the app is looked at again, and every minute. One run at a time; after a failure it
 * waits longer each time, up to five minutes.
 */
import { call } from "@/api/client";
import { clockOffset, corrected, iso } from "@/api/clock";
import { isOffline, Trouble } from "@/api/errors";
import { dayOf } from "@/app/zone";
import { positionTell } from "@/safety/positions";
import { recordingsRefused, recordingsWaiting } from "@/recording/shelf";
import { sosFlush, sosWayKeep } from "@/safety/sos";
import { db, settingDrop, settingGet, settingPut } from "@/store/db";
import { eventsTick, onRecorded, troubledCount, waitingCount } from "@/store/events";
import { exclusive } from "@/store/exclusive";
import { packOpen, packTake, useStore } from "@/store/index";
import { keyHeld } from "@/store/sealed";
import { changesTake } from "@/sync/changes";
import { outboxSend } from "@/sync/outbox";
import { syncState } from "@/sync/state";
import type { DayPack, PinVerifier } from "@/types";

const EVERY_MS = 60_000;
const LEAST_MS = 2_000;
const MOST_MS = 300_000;
const PACK_HOURS = 3;

let timer: ReturnType<typeof setTimeout> | undefined;
let failures = 0;
let running = false;
let again = false;

/** Milliseconds to wait after so many failures: doubling, with a little chance so that the phones of
 * a crew do not knock together. */
export function backOff(times: number, chance: number = Math.random()): number {
  return Math.min(MOST_MS, LEAST_MS * 2 ** Math.max(0, times - 1)) * (0.75 + chance / 2);
}

function later(ms: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => void syncNow(), ms);
}

/** Runs until all is sent; a call during a run makes it run once more. */
export async function syncNow({ pack = false }: { pack?: boolean } = {}): Promise<void> {
  if (running) {
    again = true;
    return;
  }
  if (!(await settingGet<string>("device")) && !(await db.sos.count())) return;
  running = true;
  syncState.busy = true;
  try {
    await yesterdayDrop();
    await exclusive("sync", () => round(pack));
    failures = 0;
    syncState.code = "";
    syncState.online = true;
    syncState.lastAt = iso(corrected());
  } catch (error) {
    failures += 1;
    syncState.code = error instanceof Trouble ? error.code : "UNEXPECTED";
    syncState.online = !isOffline(error);
  } finally {
    running = false;
    syncState.busy = false;
    syncState.offset = clockOffset();
    await countsRead();
  }
  const soon = again && !failures;
  again = false;
  later(soon ? 0 : failures ? backOff(failures) : EVERY_MS);
}

type Tried = <T>(deed: () => Promise<T>) => Promise<T | null>;

/** Each deed is tried whatever became of the others, what is most urgent first: a stop that is
 * called off waits behind no upload. Raises the first fault. */
async function round(pack: boolean): Promise<void> {
  const faults: unknown[] = [];
  const tried: Tried = (deed) => deed().catch((error: unknown) => {
    faults.push(error);
    return null;
  });
  await tried(sosFlush);
  if (keyHeld()) await openRound(pack, tried);
  if (faults.length) throw faults[0];
}

async function openRound(pack: boolean, tried: Tried): Promise<void> {
  const revision = await tried(changesTake);
  await tried(pinFlush);
  await tried(outboxSend);
  if (pack || (await packIsOld(revision))) await tried(packFetch);
  void positionTell();
}

/** The verifier of a new PIN goes up as soon as there is network. */
async function pinFlush(): Promise<void> {
  const verifier = await settingGet<PinVerifier>("pin_verifier");
  if (!verifier) return;
  await call({ method: "POST", path: "pin/", body: verifier });
  await settingDrop("pin_verifier");
}

/** Data of another day go at once, also without a network. */
async function yesterdayDrop(): Promise<void> {
  const held = useStore().pack.value;
  const today = dayOf(corrected());
  if (keyHeld() && held && held.day !== today) await packOpen(today);
}

async function packIsOld(revision: string | null): Promise<boolean> {
  const held = useStore().pack.value;
  if (!held || held.day !== dayOf(corrected())) return true;
  if (revision !== null && revision !== String(held.revision)) return true;
  const at = await settingGet<string>("pack_at");
  return !at || corrected().getTime() - Date.parse(at) > PACK_HOURS * 3_600_000;
}

async function packFetch(): Promise<void> {
  try {
    const taken = await call<DayPack>({ path: "day/", timeoutMs: 60_000 });
    if (taken.sos) await sosWayKeep(taken.sos);
    await packTake(taken);
    await settingPut("pack_at", iso(corrected()));
    syncState.packAt = iso(corrected());
    syncState.packCode = "";
  } catch (error) {
    syncState.packCode = error instanceof Trouble ? error.code : "UNEXPECTED";
    throw error;
  }
}

export async function countsRead(): Promise<void> {
  try {
    syncState.waiting = (await waitingCount()) + (await db.sos.count()) + (await recordingsWaiting());
    syncState.troubled = (await troubledCount()) + (await recordingsRefused()).length;
    syncState.packAt = (await settingGet<string>("pack_at")) ?? null;
  } catch {
    return;
  }
  const found = await navigator.storage?.estimate?.().catch(() => null);
  if (found?.quota !== undefined) {
    const used = found.usage ?? 0;
    syncState.space = { used, free: Math.max(0, found.quota - used) };
  }
}

/** Starts listening; safe to call once. */
export function syncStart(): void {
  onRecorded(() => {
    syncState.waiting += 1;
    if (failures) again = true;
    else later(0);
  });
  addEventListener("online", () => {
    syncState.online = true;
    failures = 0;
    later(0);
  });
  addEventListener("offline", () => (syncState.online = false));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") later(0);
  });
  eventsTick.value += 1;
  later(0);
}
