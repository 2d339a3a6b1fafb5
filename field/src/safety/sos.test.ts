import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { everythingStored, phone, refused, server } from "../../tests/store";
import { sosFlush, sosRaise, sosText } from "@/safety/sos";
import { db } from "@/store/db";
import { keyHold } from "@/store/sealed";
import type { Sos } from "@/types";

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
    expect(await sosRaise({ visit: 7, duress: true })).toBe(true);
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
    expect(await sosRaise({ visit: null })).toBe(false);
    expect(await everythingStored()).not.toContain("31.23456");
    offline = false;
    await sosFlush();
    await sosFlush();
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
  });

  it("that is refused does not hold up the next", async () => {
    server(() => refused(409, "NO_VISIT"));
    expect(await sosRaise({ visit: 7 })).toBe(true);
    expect(await db.sos.count()).toBe(0);
  });

  it("reads as a message without anybody's name", () => {
    expect(sosText("Help", 7, HERE)).toBe("Help #7 31.23456,121.45678");
    expect(sosText("Help", null, null)).toBe("Help");
  });
});
