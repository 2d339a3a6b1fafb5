// The phone's bytes are the verifier's bytes: the same test vector as the server's tests.

import { describe, expect, it } from "vitest";

import vector from "../../../tests/evidence/recording_vector.json";
import { b64, hex, sha256, unb64 } from "@/crypto/bytes";
import { bigEndian, chainBegins, chainGrows, headText, unhex } from "@/recording/chain";
import { placeOf, sealMake, segmentSeal, wrappingKey } from "@/recording/seal";

const recording = {
  visit: vector.visit,
  id: vector.recording,
  nonce: unb64(vector.nonce),
};

describe("the chain", () => {
  it("counts every head of the vector", async () => {
    let head = await chainBegins(recording);
    expect(hex(head)).toBe(vector.head_before);
    for (const segment of vector.segments) {
      const body = unb64(segment.body);
      expect(hex(await sha256(body))).toBe(segment.sha);
      head = await chainGrows(head, { ...segment, sha: unhex(segment.sha) });
      expect(hex(head)).toBe(segment.head_after);
    }
    expect(hex(head)).toBe(vector.head);
    expect(headText(recording, vector.count, head)).toBe(vector.head_text);
  });

  it("ends elsewhere when a segment is moved, cut or told another time", async () => {
    const heads = new Set<string>([vector.head]);
    const [one, two, three] = vector.segments.map((each) => ({ ...each, sha: unhex(each.sha) }));
    for (const links of [
      [two!, one!, three!],
      [one!, two!],
      [one!, { ...two!, started_ms: two!.started_ms + 1 }, three!],
      [one!, two!, { ...three!, length_ms: 3216 }],
    ]) {
      let head = await chainBegins(recording);
      for (const link of links) head = await chainGrows(head, link);
      heads.add(hex(head));
    }
    expect(heads.size).toBe(5);
  });

  it("refuses numbers that do not fit", () => {
    expect(hex(bigEndian(2 ** 32 - 1, 4))).toBe("ffffffff");
    expect(() => bigEndian(2 ** 32, 4)).toThrow(RangeError);
    expect(() => bigEndian(-1, 8)).toThrow(RangeError);
    expect(() => bigEndian(1.5, 8)).toThrow(RangeError);
  });
});

describe("the seal", () => {
  it("opens the vector's segments and its wrapped key, as the server does", async () => {
    const key = await vectorKey();
    for (const segment of vector.segments) {
      const body = unb64(segment.body);
      const how = {
        name: "AES-GCM",
        iv: body.slice(0, 12),
        additionalData: placeOf({ recording: vector.recording, seq: segment.seq }),
      };
      const plain = await crypto.subtle.decrypt(how, key, body.slice(12));
      expect(b64(new Uint8Array(plain))).toBe(segment.plain);
    }
  });

  it("wraps a fresh key that only the server unwraps, and that opens what was sealed", async () => {
    const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, [
      "deriveBits",
    ]);
    const server = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
    const seal = await sealMake(server);
    expect(seal.wrapped.length).toBe(65 + 12 + 32 + 16);
    expect(seal.key.extractable).toBe(false);
    const key = await unwrap(seal.wrapped, pair.privateKey);
    const media = crypto.getRandomValues(new Uint8Array(5_000));
    const sealed = await segmentSeal(seal.key, { recording: "r", seq: 3 }, media);
    expect(await opens(key, sealed.body, { recording: "r", seq: 3 })).toEqual(media);
    await expect(opens(key, sealed.body, { recording: "r", seq: 4 })).rejects.toThrow();
    await expect(opens(key, sealed.body, { recording: "s", seq: 3 })).rejects.toThrow();
  });
});

async function vectorKey(): Promise<CryptoKey> {
  const raw = unb64(vector.content_key);
  return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["decrypt"]);
}

async function unwrap(wrapped: Uint8Array<ArrayBuffer>, own: CryptoKey): Promise<CryptoKey> {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const point = await crypto.subtle.importKey("raw", wrapped.slice(0, 65), curve, false, []);
  const wrapping = await wrappingKey(own, point, ["decrypt"]);
  const how = { name: "AES-GCM", iv: wrapped.slice(65, 77) };
  const raw = await crypto.subtle.decrypt(how, wrapping, wrapped.slice(77));
  return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["decrypt"]);
}

async function opens(
  key: CryptoKey,
  body: Uint8Array<ArrayBuffer>,
  place: { recording: string; seq: number },
): Promise<Uint8Array> {
  const how = { name: "AES-GCM", iv: body.slice(0, 12), additionalData: placeOf(place) };
  return new Uint8Array(await crypto.subtle.decrypt(how, key, body.slice(12)));
}
