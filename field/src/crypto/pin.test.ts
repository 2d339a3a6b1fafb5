import { describe, expect, it } from "vitest";
import { pinFault, pinProof, pinVerifier } from "@/crypto/pin";

describe("a PIN", () => {
  it.each([
    ["402713", null], ["121212", null], ["112233", null], ["40271", "short"], ["111111", "alike"],
    ["123456", "sequence"], ["987654", "sequence"], ["890123", "sequence"], ["40271a", "not_digits"],
    ["４０２７１３", "not_digits"],
  ])("%s is %s", (pin, fault) => expect(pinFault(pin)).toBe(fault));

  it("is checked on a partner's phone and proves the visit and time", async () => {
    const verifier = await pinVerifier("402713", 1000);
    const at = "2026-11-23T02:00:00Z";
    const proof = await pinProof({ verifier, pin: "402713", visit: 7, at });
    expect(proof).toMatch(/^[\w-]{43}$/);
    expect(await pinProof({ verifier, pin: "402713", visit: 8, at })).not.toBe(proof);
    expect(await pinProof({ verifier, pin: "402714", visit: 7, at })).toBeNull();
  });
});
