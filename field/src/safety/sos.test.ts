import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { everythingStored, phone, refused, server } from "../../tests/store";
import { sosFlush, sosRaise, sosText, sosWaiting, sosWayKeep } from "@/safety/sos";
import { db, settingDrop } from "@/store/db";
import { keyHold } from "@/store/sealed";
import type { Sos } from "@/types";

const WAY = { address: "/office/sos/", token: "signed-for-5" };
const HERE = { latitude: 31.23456, longitude: 121.45678, accuracy: 9 };

describe("an SOS", () => {
  beforeEach(async () => {
    await phone();
    vi.stubGlobal("navigator", {
      geolocation: { getCurrentPosition: (found: (at: object) => void) => found({ coords: HERE }) },
    });
  });
  afterEach(() => vi.unstubAllGlobals());

  it("goes out with its place while the phone is locked", async () => {
    keyHold(null);
    let got: Sos | null = null;
    server((_path, body) => {
      got = body as Sos;
      return {};
    });
    expect(await sosRaise({ visit: 7, duress: true })).toBe("sent");
    expect(got).toMatchObject({ visit: 7, duress: true, latitude: HERE.latitude, longitude: HERE.longitude });
    expect(await db.sos.count()).toBe(0);
  });

  it("is kept without a network, unreadable, and sent once with the same key", async () => {
    const keys: string[] = [];
    let offline = true;
    server((_path, body) => {
      keys.push((body as Sos).key);
      if (offline) throw new TypeError("network");
      return {};
    });
    expect(await sosRaise({ visit: null })).toBe("kept");
    expect(sosWaiting.value).toBe(1);
    await expect(sosFlush()).rejects.toMatchObject({ code: "OFFLINE" });
    expect(await everythingStored()).not.toContain("31.23456");
    offline = false;
    await sosFlush();
    await sosFlush();
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(sosWaiting.value).toBe(0);
  });

  it.each([400, 401, 404, 409, 429, 500, 503])("stays until somebody has it, whatever is answered (%i)", async (status) => {
    server(() => refused(status, "NOT_NOW"));
    expect(await sosRaise({ visit: 7 })).toBe("kept");
    await expect(sosFlush()).rejects.toMatchObject({ code: "NOT_NOW" });
    expect(await db.sos.count()).toBe(1);
  });

  it("that is refused does not hold up the next", async () => {
    server(() => refused(409, "NOT_NOW"));
    for (const visit of [7, 8, 9]) await sosRaise({ visit });
    server((_path, body) => ((body as Sos).visit === 8 ? refused(409, "NOT_NOW") : {}));
    await expect(sosFlush()).rejects.toMatchObject({ code: "NOT_NOW" });
    expect(await db.sos.count()).toBe(1);
  });

  it("is said to be kept only once it is", async () => {
    server(() => refused(503, "NOT_KEPT"));
    const seen: number[] = [];
    await sosRaise({ visit: 7, kept: () => seen.push(sosWaiting.value) });
    expect(seen).toEqual([1]);
  });

  it("goes out of the memory of a phone that can keep nothing", async () => {
    vi.spyOn(db.sos, "put").mockRejectedValue(new DOMException("full", "QuotaExceededError"));
    const kept = vi.fn();
    const { asked } = server(() => ({}));
    expect(await sosRaise({ visit: 7, kept })).toBe("sent");
    expect(asked).toEqual(["POST /field/api/sos/"]);
    server(() => refused(503, "NOT_KEPT"));
    expect(await sosRaise({ visit: 7, kept })).toBe("lost");
    expect(kept).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  it("goes by the token of the day where the signed call fails, also while locked", async () => {
    await sosWayKeep(WAY);
    expect(await everythingStored()).not.toContain(WAY.token);
    keyHold(null);
    const forms = site({ signed: 503, open: 202 });
    expect(await sosRaise({ visit: 7, duress: true })).toBe("sent");
    expect(await db.sos.count()).toBe(0);
    expect(forms).toHaveLength(1);
    expect(Object.fromEntries(forms[0]!)).toMatchObject({
      token: WAY.token, visit: "7", latitude: "31.23456", longitude: "121.45678", duress: "true",
    });
    expect(forms[0]!.get("key")).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("needs no binding for the token, and no token where the signed call comes through", async () => {
    await sosWayKeep(WAY);
    expect(site({ signed: 201, open: 500 })).toEqual([]);
    expect(await sosRaise({ visit: null })).toBe("sent");
    await settingDrop("device");
    const forms = site({ signed: 500, open: 200 });
    expect(await sosRaise({ visit: null })).toBe("sent");
    expect(forms).toHaveLength(1);
  });

  it("is kept where the token brings it nowhere either", async () => {
    await sosWayKeep(WAY);
    site({ signed: 503, open: 503 });
    expect(await sosRaise({ visit: 7 })).toBe("kept");
    expect(await db.sos.count()).toBe(1);
  });

  it("reads as a message without anybody's name", () => {
    expect(sosText("Help", 7, HERE)).toBe("Help #7 31.23456,121.45678");
    expect(sosText("Help", null, null)).toBe("Help");
  });
});

/** A site that answers the signed call and the one by token each by a status; the forms it got. */
function site({ signed, open }: { signed: number; open: number }): URLSearchParams[] {
  const forms: URLSearchParams[] = [];
  vi.stubGlobal("fetch", async (path: string, request: RequestInit) => {
    const byToken = path === WAY.address;
    if (byToken) {
      expect(request).toMatchObject({ method: "POST", credentials: "omit", headers: { Accept: "application/json" } });
      forms.push(new URLSearchParams(new TextDecoder().decode(request.body as Uint8Array)));
    }
    return new Response("{}", { status: byToken ? open : signed });
  });
  return forms;
}
