import { beforeEach, describe, expect, it } from "vitest";
import { TRIES, vaultMake, vaultOpen, WrongPin } from "@/crypto/vault";
import { db, settingGet } from "@/store/db";
import { seal, unseal } from "@/store/sealed";

const make = (pin: string, duress = "") => vaultMake({ pin, duress, iterations: 1000 });

describe("the vault", () => {
  beforeEach(async () => {
    await db.delete();
    await db.open();
  });

  it("opens with either PIN, and tells the one under duress", async () => {
    const { key } = await make("402713", "958204");
    const sealed = await seal("x", { name: "王小明" }, key);
    for (const [pin, duress] of [["402713", false], ["958204", true]] as const) {
      const opened = await vaultOpen(pin);
      expect(opened.duress).toBe(duress);
      expect(await unseal("x", sealed, opened.key)).toEqual({ name: "王小明" });
    }
  });

  it("looks the same with and without a second PIN", async () => {
    await make("402713", "958204");
    const two = await settingGet<{ slots: string[] }>("vault");
    await make("402713");
    const one = await settingGet<{ slots: string[] }>("vault");
    expect(one!.slots.map((slot) => slot.length)).toEqual(two!.slots.map((slot) => slot.length));
  });

  it("counts wrong tries and shuts after the last, even for the right PIN", async () => {
    await make("402713");
    for (let left = TRIES - 1; left >= 0; left -= 1) {
      await expect(vaultOpen("402714")).rejects.toEqual(new WrongPin(left));
    }
    await expect(vaultOpen("402713")).rejects.toEqual(new WrongPin(0));
  });

  it("starts counting anew after the right PIN", async () => {
    await make("402713");
    await expect(vaultOpen("402714")).rejects.toThrow();
    await vaultOpen("402713");
    await expect(vaultOpen("402714")).rejects.toEqual(new WrongPin(TRIES - 1));
  });

  it("refuses weak and equal PINs", async () => {
    await expect(make("111111")).rejects.toMatchObject({ code: "PIN_WEAK" });
    await expect(make("402713", "123456")).rejects.toMatchObject({ code: "PIN_WEAK" });
    await expect(make("402713", "402713")).rejects.toMatchObject({ code: "PIN_SAME" });
  });

  it("opens no row that was moved or changed", async () => {
    const { key } = await make("402713");
    const sealed = await seal("draft:1:a", 1, key);
    await expect(unseal("draft:2:a", sealed, key)).rejects.toMatchObject({ code: "SPOILT" });
    sealed[sealed.length - 1]! ^= 1;
    await expect(unseal("draft:1:a", sealed, key)).rejects.toMatchObject({ code: "SPOILT" });
  });
});
