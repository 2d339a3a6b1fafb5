/**
 * Requests to `/field/api/`, signed by the device key.
 *
 *   await call<DayPack>({ path: "day/" })
 *   await call({ method: "POST", path: "events/", body: { events } })          JSON
 *   await call({ method: "PUT", path: "visits/1/…", raw: bytes })               bytes
 *
 * Raises `Trouble`: OFFLINE where the server was not reached; else the server's code, status,
 * message and hint. A wrong clock is learnt and the request signed anew, once.
 */
import { clockLearn, corrected } from "@/api/clock";
import { Trouble } from "@/api/errors";
import { hex, sha256, utf8, type Bytes } from "@/crypto/bytes";
import { deviceSign } from "@/crypto/device";
import { settingGet } from "@/store/db";

const BASE = "/field/api/";
const GONE = new Set(["DEVICE_REVOKED", "DEVICE_EXPIRED", "DEVICE_UNKNOWN"]);

export interface Call {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  path: string;
  body?: unknown;
  raw?: Bytes;
  timeoutMs?: number;
}

type Gone = (code: string) => Promise<void>;
let whenGone: Gone = async () => undefined;

/** Who acts when the server no longer knows this phone. */
export function onDeviceGone(act: Gone): void {
  whenGone = act;
}

export async function call<T = unknown>(asked: Call): Promise<T> {
  try {
    return await sent<T>(asked, await signed(asked));
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    if (error.code === "CLOCK_WRONG") return sent<T>(asked, await signed(asked));
    if (error.status === 401 && GONE.has(error.code)) await whenGone(error.code);
    throw error;
  }
}

/** With the session cookie of the site instead of the device key: binding alone. */
export async function callAsStaff<T>(asked: Call, csrf = ""): Promise<T> {
  return sent<T>(asked, csrf ? { "X-CSRFToken": csrf } : {}, "same-origin");
}

function bytesOf(asked: Call): Bytes {
  if (asked.raw) return asked.raw;
  return asked.body === undefined ? new Uint8Array(0) : utf8(JSON.stringify(asked.body));
}

async function signed(asked: Call): Promise<Record<string, string>> {
  const device = await settingGet<string>("device");
  if (!device) throw new Trouble("NOT_BOUND");
  const seconds = Math.floor(corrected().getTime() / 1000);
  const digest = hex(await sha256(bytesOf(asked)));
  const signature = await deviceSign(
    `doorstep-request/1\n${asked.method ?? "GET"}\n${BASE}${asked.path}\n${digest}\n${seconds}`,
  );
  return { Authorization: `Device ${device}.${seconds}.${signature}` };
}

/** A form with neither signature nor session, to an address of the site: it carries its own token. */
export async function callOpen(
  { address, form, timeoutMs }: { address: string; form: Record<string, string>; timeoutMs: number },
): Promise<void> {
  const headers = { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" };
  const body = utf8(new URLSearchParams(form).toString());
  await answered(address, { method: "POST", headers, body, credentials: "omit" }, timeoutMs);
}

async function sent<T>(
  asked: Call, headers: Record<string, string>, credentials: RequestCredentials = "omit",
): Promise<T> {
  const body = bytesOf(asked);
  const type = asked.raw ? "application/octet-stream" : "application/json";
  return answered<T>(`${BASE}${asked.path}`, {
    method: asked.method ?? "GET",
    headers: body.length ? { ...headers, "Content-Type": type } : headers,
    body: body.length ? body : undefined,
    credentials,
  }, asked.timeoutMs ?? 30_000);
}

async function answered<T>(address: string, how: RequestInit, timeoutMs: number): Promise<T> {
  const since = performance.now();
  let answer: Response;
  try {
    answer = await fetch(address, {
      ...how, cache: "no-store", redirect: "error", signal: AbortSignal.timeout(timeoutMs),
    });
  } catch {
    throw new Trouble("OFFLINE");
  }
  return read<T>(answer, since);
}

async function read<T>(answer: Response, since: number): Promise<T> {
  let values: Record<string, unknown>;
  try {
    values = answer.status === 204 ? {} : ((await answer.json()) as Record<string, unknown>);
  } catch {
    throw new Trouble(answer.ok ? "OFFLINE" : "NOT_UNDERSTOOD", answer.ok ? 0 : answer.status);
  }
  if (typeof values["now"] === "string") await clockLearn(values["now"], performance.now() - since);
  if (answer.ok) return values as T;
  const text = (name: string) => (typeof values[name] === "string" ? values[name] : "");
  throw new Trouble(text("code") || "NOT_UNDERSTOOD", answer.status, text("message"), text("hint"));
}
