import { vi } from "vitest";
import { vaultMake } from "@/crypto/vault";
import { clockRead } from "@/api/clock";
import { db, settingPut } from "@/store/db";
import { keyHold } from "@/store/sealed";
import type { DayPack, Stop } from "@/types";

/** A bound, unlocked and empty phone. */
export async function phone(): Promise<void> {
  await db.delete();
  await db.open();
  await clockRead();
  await settingPut("device", "00000000-0000-4000-8000-000000000001");
  keyHold((await vaultMake({ pin: "402713", duress: "", iterations: 1000 })).key);
}

/** Answers `fetch` by a function of path and body; counts what was asked. */
export function server(answer: (path: string, body: unknown, request: RequestInit) => unknown): { asked: string[] } {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (path: string, request: RequestInit) => {
    asked.push(`${request.method} ${path}`);
    const body = request.body ? JSON.parse(new TextDecoder().decode(request.body as Uint8Array)) : undefined;
    const found = answer(path, body, request);
    if (found instanceof Response) return found;
    return new Response(JSON.stringify(found), { status: 200, headers: { "Content-Type": "application/json" } });
  });
  return { asked };
}

export function refused(status: number, code: string, more: object = {}): Response {
  return new Response(JSON.stringify({ code, message: code, hint: "", ...more }), { status });
}

export function aStop(more: Partial<Stop> = {}): Stop {
  return {
    visit: 7, case: 3, order: 1, state: "planned", who: "王小明", masked: "王*明", language: "zh-Hans",
    place: { text: "和平路 12 号", latitude: 31.2, longitude: 121.5, tolerance_m: 150 },
    planned: { arrives_at: null, begins_at: "2026-11-23T02:00:00Z", ends_at: "2026-11-23T02:40:00Z" },
    windows: [], travel_minutes: 12, appointment: null, risk: { level: "low", factors: [], measures: [] },
    briefing: [["工作", "夜班"]], points: [], bill: { on: "2026-11-23", currency: "CNY", total: 100, accounts: [] },
    loans: [], means: null, options: { on: "2026-11-23", policy_digest: "" }, offers: [], documents: [],
    pass: null, recording: { nonce: "" }, equipment: [], police: "", ...more,
  };
}

export function aPack(more: Partial<DayPack> = {}): DayPack {
  return {
    day: "2026-11-23", revision: "1", now: "2026-11-23T01:00:00Z", crew: null,
    lender: { name: "", hotline: "", complaint_line: "", verify_at: "", pay_channels: "", reports_credit: true },
    script: [], conduct: { upset: [], silent: [], elderly: [], child: [], threats: [] }, steps: [], numbers: [],
    stops: [aStop()], ...more,
  };
}

/** Everything that lies in IndexedDB, as one text: bytes as latin-1, so that planted words show. */
export async function everythingStored(): Promise<string> {
  const seen: string[] = [];
  const walk = (value: unknown): void => {
    if (value instanceof Uint8Array) seen.push(new TextDecoder("latin1").decode(value), new TextDecoder().decode(value));
    else if (value instanceof ArrayBuffer) walk(new Uint8Array(value));
    else if (typeof value === "string" || typeof value === "number") seen.push(String(value));
    else if (Array.isArray(value)) value.forEach(walk);
    else if (value && typeof value === "object") Object.values(value).forEach(walk);
  };
  for (const table of db.tables) (await table.toArray()).forEach(walk);
  return seen.join("\n");
}
