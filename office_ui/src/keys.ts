// Keys of lists: `/` goes to the filter, J and K walk the rows, Enter opens, `?` shows the keys.
// A list says what its rows are with data-rows; each row holds its main link in [data-opens].

export function startKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const deed = DEEDS[event.key];
    if (deed?.()) event.preventDefault();
  });
}

const DEEDS: Record<string, () => boolean> = {
  "/": () => focusOn("[data-list-filter]") || focusOn("[data-opens-search]"),
  "?": () => showDialog("#keys"),
  j: () => walk(1),
  k: () => walk(-1),
  x: () => tick(),
};

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && Boolean(target.closest("input, textarea, select, [contenteditable]"));
}

function focusOn(selector: string): boolean {
  const element = document.querySelector<HTMLElement>(selector);
  element?.focus();
  return Boolean(element);
}

function showDialog(selector: string): boolean {
  const dialog = document.querySelector<HTMLDialogElement>(selector);
  dialog?.showModal();
  return Boolean(dialog);
}

function walk(by: number): boolean {
  const links = [...document.querySelectorAll<HTMLAnchorElement>("[data-rows] [data-opens]")];
  if (!links.length) return false;
  const row = document.activeElement?.closest("[data-rows] > *");
  const at = links.findIndex((link) => row?.contains(link));
  const next = links[Math.max(0, Math.min(links.length - 1, at + by))]!;
  next.focus();
  next.closest("[data-rows] > *")?.scrollIntoView({ block: "nearest" });
  return true;
}

function tick(): boolean {
  const row = document.activeElement?.closest("[data-rows] > *");
  const box = row?.querySelector<HTMLInputElement>("input[type=checkbox]");
  box?.click();
  return Boolean(box);
}
