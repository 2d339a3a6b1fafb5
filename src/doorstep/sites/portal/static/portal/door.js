// Keeps what a phone needs to check a visitor without a network, and checks what the visitor shows:
// an address /v/#payload.signature, signed by a phone of the crew within the last 30 seconds.
import { tokenCheck } from "./door_token.mjs";

const STORE = "doorstep-visits", PATIENCE = 3000;

const kept = () => {
  try {
    const found = JSON.parse(localStorage.getItem(STORE) || "{}");
    return found && typeof found === "object" ? found : {};
  } catch { return {}; }
};
const keep = (visits) => { try { localStorage.setItem(STORE, JSON.stringify(visits)); } catch { /* full or closed */ } };
const now = () => Math.floor(Date.now() / 1000);

const forgetOver = async () => {
  const visits = kept();
  for (const [id, visit] of Object.entries(visits)) {
    if (visit.until > now()) continue;
    delete visits[id];
    if ("caches" in window) for (const name of await caches.keys()) await (await caches.open(name)).delete(`/v/${visit.code}/`);
  }
  keep(visits);
};

const forget = (code) => {
  keep(Object.fromEntries(Object.entries(kept()).filter(([, visit]) => visit.code !== code)));
};

const remember = () => {
  if (document.querySelector("[data-not-known]")) forget(location.pathname.split("/")[2]);
  const data = document.getElementById("kept");
  if (!data) return;
  const visit = JSON.parse(data.textContent);
  visit.visitors = {};
  for (const item of document.querySelectorAll("[data-staff]")) {
    visit.visitors[item.dataset.staff] = {
      name: item.querySelector("[data-name]").textContent,
      workId: item.querySelector("[data-work-id]").textContent,
      photo: item.querySelector("img").src,
    };
  }
  keep({ ...kept(), [visit.visit]: visit });
};

const answerTo = async (text) => {
  const found = await tokenCheck(text, kept(), now());
  if (found.what !== "ours" || (await stillStands(found.visit, found.device))) return found;
  return { what: "not" };
};

// With a network, what was withdrawn or revoked since the page was kept counts at once.
const stillStands = async (visit, device) => {
  try {
    const answer = await fetch(`/v/${visit.code}/`, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    if (answer.status === 404) { forget(visit.code); return false; }
    if (!answer.ok) return true;
    const shown = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("kept");
    return !shown || Object.hasOwn(JSON.parse(shown.textContent).devices, device);
  } catch { return true; }
};

let over = 0;
const show = (what, person) => {
  const door = document.getElementById("door");
  door.hidden = false;
  for (const part of door.querySelectorAll("[data-door]")) {
    part.hidden = part.dataset.door !== what;
    if (part.hidden || !person) continue;
    part.querySelector("[data-photo]").src = person.photo;
    part.querySelector("[data-photo]").alt = person.name;
    part.querySelector("[data-name]").textContent = person.name;
    part.querySelector("[data-work-id]").textContent = person.workId;
  }
  door.scrollIntoView();
};
const checkDoor = async () => {
  if (!document.getElementById("door") || location.hash.length < 2) return;
  const { what, person, left } = await answerTo(location.hash.slice(1));
  clearTimeout(over);
  show(what, person);
  if (what === "ours") over = setTimeout(() => show("old"), left * 1000 + 1000);
};

const watchNumber = () => {
  const box = document.querySelector("[data-until]");
  if (!box) return;
  const look = () => {
    const ended = Number(box.dataset.until) <= now();
    box.hidden = ended;
    document.querySelector("[data-over]").hidden = !ended;
  };
  look();
  setInterval(look, 1000);
};

const readAloud = () => {
  const button = document.getElementById("aloud");
  if (!button || !("speechSynthesis" in window)) return;
  button.parentElement.hidden = false;
  button.addEventListener("click", () => {
    speechSynthesis.cancel();
    const parts = [...document.querySelectorAll("main h1, main h2, main p, main label, main legend")]
      .filter((part) => part.checkVisibility?.() ?? part.offsetParent)
      .map((part) => part.getAttribute("aria-label") || part.textContent.trim());
    const words = new SpeechSynthesisUtterance(parts.join(". "));
    words.lang = document.documentElement.lang.replace("zh-hans", "zh-CN").replace("zh-hant", "zh-TW");
    words.rate = 0.85;
    speechSynthesis.speak(words);
  });
};

remember();
watchNumber();
readAloud();
void forgetOver();
void checkDoor();
addEventListener("hashchange", () => void checkDoor());
const worker = document.body.dataset.worker;
if ("serviceWorker" in navigator && worker) navigator.serviceWorker.register(worker).catch(() => {});
