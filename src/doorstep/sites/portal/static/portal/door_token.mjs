// Whether what a visitor shows was signed by a phone of the crew within the last 30 seconds, by what
// this phone has kept: {visit: {until, devices: {id: {staff, key}}, visitors: {staff: ...}}}. The
// text is payload.signature, both base64url; the payload's JSON names version, visit, device, time.

export const LIVES = 30;
const AHEAD = 5, LONGEST = 600;
const FIELDS = ["at", "device", "v", "visit"];
const PREFIX = new TextEncoder().encode("doorstep-door/1\n");

// Base64url in its one right way; null for anything else.
const unpack = (text) => {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) return null;
  try {
    const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    if (btoa(raw).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "") !== text) return null;
    return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
  } catch { return null; }
};

const read = (text) => {
  const parts = text.split(".");
  if (text.length > LONGEST || parts.length !== 2) return null;
  const [payload, signature] = parts.map(unpack);
  if (!payload || !signature || signature.length !== 64) return null;
  try {
    const values = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
    const right = values && Object.keys(values).sort().join() === FIELDS.join() && values.v === 1 &&
      Number.isInteger(values.visit) && Number.isInteger(values.at) && typeof values.device === "string";
    return right ? { ...values, payload, signature } : null;
  } catch { return null; }
};

const signedBy = async (key, found) => {
  const text = new Uint8Array(PREFIX.length + found.payload.length);
  text.set(PREFIX); text.set(found.payload, PREFIX.length);
  const imported = await crypto.subtle.importKey("raw", unpack(key), { name: "Ed25519" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "Ed25519" }, imported, found.signature, text);
};

// What to say of a text at a moment (seconds since 1970): not ours, a visit that is unknown here, a
// phone that cannot check, too old, or ours: {what, visit, device, person, left: seconds}.
export const tokenCheck = async (text, visits, now) => {
  const found = read(text);
  if (!found) return { what: "not" };
  const visit = Object.hasOwn(visits, found.visit) ? visits[found.visit] : null;
  if (!visit || visit.until <= now) return { what: "unknown" };
  const device = Object.hasOwn(visit.devices, found.device) ? visit.devices[found.device] : null;
  const person = device && visit.visitors[device.staff];
  if (!person) return { what: "unknown" };
  try {
    if (!(await signedBy(device.key, found))) return { what: "not" };
  } catch { return { what: "cannot" }; }
  const age = now - found.at;
  if (age > LIVES || age < -AHEAD) return { what: "old" };
  return { what: "ours", visit, device: found.device, person, left: LIVES - age };
};
