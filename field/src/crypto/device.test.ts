import { beforeEach, describe, expect, it } from "vitest";
import { utf8 } from "@/crypto/bytes";
import { devicePublicKey, deviceSign, signatureHolds } from "@/crypto/device";
import { db, settingGet } from "@/store/db";

describe("the device key", () => {
  beforeEach(async () => {
    await db.delete();
    await db.open();
  });

  it("stays the same, signs, and cannot be taken out", async () => {
    const key = await devicePublicKey();
    expect(await devicePublicKey()).toBe(key);
    const signature = await deviceSign("doorstep");
    expect(await signatureHolds(key, signature, utf8("doorstep"))).toBe(true);
    expect(await signatureHolds(key, signature, utf8("doorsteps"))).toBe(false);
    expect(await signatureHolds("?", signature, utf8("doorstep"))).toBe(false);
    const held = await settingGet<CryptoKeyPair>("device_key");
    await expect(crypto.subtle.exportKey("pkcs8", held!.privateKey)).rejects.toThrow();
  });
});
