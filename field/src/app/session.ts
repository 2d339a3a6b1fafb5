/**
 * Who this phone belongs to and whether it is open.
 *
 *   session.phase   starting | unbound | no_pin | locked | open
 *   session.me      Me, of the bound person; while locked without the names
 *   session.help    whom to call for help: also after the binding has run out
 *   duty.recording  set by src/recording: while it is on, locking covers the screen but keeps the
 *                   key, so that what is being recorded goes on being kept
 */
import { reactive } from "vue";
import { call, callAsStaff, onDeviceGone } from "@/api/client";
import { clockRead, corrected } from "@/api/clock";
import { Trouble } from "@/api/errors";
import { dayOf, zone } from "@/app/zone";
import { devicePublicKey } from "@/crypto/device";
import { pinVerifier } from "@/crypto/pin";
import { vaultMade, vaultMake, vaultOpen, WrongPin, type Opened } from "@/crypto/vault";
import { recordEnd, recordingStart } from "@/recording/live";
import { sosRaise } from "@/safety/sos";
import { running } from "@/safety/timer";
import { db, settingDrop, settingGet, settingPut } from "@/store/db";
import { packClose, packOpen } from "@/store/index";
import { keyHeld, keyHold, seal, unseal, type Sealed } from "@/store/sealed";
import { holdsUnsent, keptDrop, wipeAll, wipeExpired } from "@/store/wipe";
import { noticesClose, noticesOpen } from "@/sync/changes";
import { countsRead, syncNow } from "@/sync/engine";
import type { Me, StaffMe } from "@/types";

export type Phase = "starting" | "unbound" | "no_pin" | "locked" | "open";

type OpenMe = Omit<Me, "staff">;

interface Session {
  phase: Phase;
  me: (OpenMe & { staff: StaffMe | null }) | null;
  help: Pick<OpenMe, "desk" | "numbers"> | null;
  ended: "" | "DEVICE_REVOKED" | "DEVICE_EXPIRED" | "DEVICE_UNKNOWN" | "WRONG_PIN" | "SIGNED_OUT";
}

export const session = reactive<Session>({ phase: "starting", me: null, help: null, ended: "" });

/** What the shell shows of the work going on; written by src/recording and src/visit. */
export const duty = reactive<{
  recording: "off" | "on" | "paused" | "gap";
  visit: number | null;
  arrivedAt: string | null;
}>({ recording: "off", visit: null, arrivedAt: null });

/** Looks at what is on the phone and decides what it shows. */
export async function sessionStart(): Promise<void> {
  await clockRead();
  onDeviceGone(deviceGone);
  const me = await settingGet<OpenMe>("me");
  if (me) meTake({ ...me, staff: null });
  if (!me || !(await settingGet<string>("device"))) return unbind(session.ended);
  if (Date.parse(me.expires_at) <= corrected().getTime()) await deviceGone("DEVICE_EXPIRED");
  else session.phase = (await vaultMade()) ? "locked" : "no_pin";
}

function meTake(me: NonNullable<Session["me"]>): void {
  session.me = me;
  session.help = { desk: me.desk, numbers: me.numbers };
  zone.value = me.time_zone;
}

export interface Visitor {
  signed_in: boolean;
  csrf?: string;
  name?: string;
}

/** Whether the person is signed in on the site, with what binding needs. */
export async function whoIsThere(): Promise<Visitor> {
  return callAsStaff<Visitor>({ path: "session/" });
}

/**
 * Binds this phone to the person signed in on the site. Raises `Trouble` OTHERS_WORK where the
 * phone holds unsent work of somebody else: they sign in first, or it is deleted by `wipeAll`.
 */
export async function bind({ csrf, name }: { csrf: string; name: string }): Promise<void> {
  const body = { public_key: await devicePublicKey(), name };
  const me = await callAsStaff<Me & { device: string }>({ method: "POST", path: "devices/", body }, csrf);
  const before = await settingGet<number>("owner");
  if (before !== undefined && before !== me.staff.id) {
    if (await holdsUnsent()) throw new Trouble("OTHERS_WORK");
    const key = await settingGet("device_key");
    await wipeAll();
    await settingPut("device_key", key);
  }
  await settingPut("owner", me.staff.id);
  await settingPut("device", me.device);
  await meKeep(me, false);
  session.ended = "";
  session.phase = (await vaultMade()) ? "locked" : "no_pin";
}

/** The name of the bound person is kept sealed; the keys and numbers stay readable for an SOS. */
async function meKeep(me: Me, sealed: boolean): Promise<void> {
  const { staff, ...open } = me;
  await settingPut("me", open satisfies OpenMe);
  if (sealed) await settingPut("staff", await seal("staff", staff));
  meTake(me);
}

/** Sets the PINs after binding; `duress` may be empty. */
export async function pinSet({ pin, duress }: { pin: string; duress: string }): Promise<void> {
  const opened = await vaultMake({ pin, duress, least: session.me?.pin.least });
  await settingPut("pin_verifier", await pinVerifier(pin));
  await open(opened);
}

/** Raises `WrongPin` with the tries left; after the last one the phone is wiped. */
export async function unlock(pin: string): Promise<void> {
  let opened: Opened;
  try {
    opened = await vaultOpen(pin);
  } catch (error) {
    if (error instanceof WrongPin && error.left <= 0) await end("WRONG_PIN");
    throw error;
  }
  if (opened.duress) void sosRaise({ visit: duty.visit, duress: true });
  await open(opened);
}

async function open({ key }: Opened): Promise<void> {
  keyHold(key);
  await staffOpen();
  await packOpen(dayOf(corrected()));
  await noticesOpen();
  session.phase = "open";
  await countsRead();
  void navigator.storage?.persist?.();
  void meRefresh();
  void recordingStart();
  void syncNow();
}

async function staffOpen(): Promise<void> {
  const kept = await settingGet<Sealed>("staff");
  if (kept && session.me) session.me.staff = await unseal<StaffMe>("staff", kept);
  else if (session.me?.staff) await settingPut("staff", await seal("staff", session.me.staff));
}

async function meRefresh(): Promise<void> {
  const me = await call<Me>({ path: "me/" }).catch(() => null);
  if (me && session.phase === "open") await meKeep(me, true);
}

/** Covers the screen; the key is forgotten unless a recording is running. */
export function lock(): void {
  if (session.phase !== "open") return;
  session.phase = "locked";
  if (duty.recording === "off") forget();
}

function forget(): void {
  keyHold(null);
  packClose();
  noticesClose();
  if (session.me) session.me.staff = null;
}

/** Ends the binding at the server where it can be reached, and wipes in any case. */
export async function signOut(): Promise<void> {
  await call({ method: "DELETE", path: "devices/self/", timeoutMs: 8_000 }).catch(() => undefined);
  await end("SIGNED_OUT");
}

async function end(why: Session["ended"]): Promise<void> {
  await recordEnd();
  await wipeAll();
  session.help = null;
  unbind(why);
}

function unbind(why: Session["ended"]): void {
  noticesClose();
  running.value = null;
  session.me = null;
  session.ended = why;
  session.phase = "unbound";
}

/** A visit under way is finished first: the binding then ends at the next look (`idleWatch`). */
async function deviceGone(code: string): Promise<void> {
  if (code !== "DEVICE_EXPIRED") return end(code as Session["ended"]);
  if (underWay()) return;
  await wipeExpired(dayOf(corrected()));
  await settingDrop("device");
  unbind("DEVICE_EXPIRED");
}

/** Whether a recording runs, or the crew stands at a door of today. */
function underWay(): boolean {
  if (duty.recording !== "off") return true;
  const timer = running.value;
  return timer !== null && dayOf(new Date(timer.arrivedAt)) === dayOf(corrected());
}

/** Locks when nobody touches the phone for as long as the server says. */
export function idleWatch(): void {
  let touched = Date.now();
  const touch = () => (touched = Date.now());
  for (const name of ["pointerdown", "keydown", "touchstart", "scroll"]) {
    addEventListener(name, touch, { passive: true, capture: true });
  }
  setInterval(() => {
    const idle = (session.me?.pin.idle_seconds ?? 300) * 1000;
    if (Date.now() - touched > idle) lock();
    if (session.phase === "locked" && duty.recording === "off" && keyHeld()) forget();
    const until = session.me ? Date.parse(session.me.expires_at) : Infinity;
    if (until <= corrected().getTime()) void expire();
    if (session.phase === "unbound") void keptDrop(dayOf(corrected()));
  }, 5_000);
}

async function expire(): Promise<void> {
  if (session.phase !== "unbound" && (await db.settings.get("device"))) await deviceGone("DEVICE_EXPIRED");
}
