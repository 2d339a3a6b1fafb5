// The worklist's selection: how many rows are picked, all of the page, or all that match the filter.
// Without JavaScript the same form works: tick rows, choose a person, see what would happen.

export function startWorklist(): void {
  const form = document.querySelector<HTMLFormElement>("[data-selection]");
  if (form) startSelection(form);
  const filter = document.querySelector<HTMLFormElement>("[data-worklist-filter]");
  filter?.addEventListener("submit", () => leaveOutEmpty(filter));
  const more = filter?.querySelector<HTMLDetailsElement>("details");
  if (more && matchMedia("(max-width: 62rem)").matches) more.open = false; // the rows come first
}

function startSelection(form: HTMLFormElement): void {
  const boxes = [...form.querySelectorAll<HTMLInputElement>("input[name=case]")];
  const whole = form.querySelector<HTMLInputElement>("[data-select-page]");
  const matching = form.querySelector<HTMLInputElement>("input[name=all]");
  const bar = form.querySelector<HTMLElement>("[data-selection-bar]");
  const count = form.querySelector<HTMLElement>("[data-selection-count]");
  if (!bar || !count) return;

  const show = (): void => {
    const picked = boxes.filter((box) => box.checked).length;
    const all = Boolean(matching?.checked);
    bar.hidden = !picked && !all;
    count.textContent = all ? (count.dataset["allWords"] ?? "") : (count.dataset["words"] ?? "").replace("{n}", String(picked));
    for (const box of boxes) box.closest("[data-row]")?.classList.toggle("picked", all || box.checked);
    if (whole) {
      whole.checked = picked === boxes.length && picked > 0;
      whole.indeterminate = picked > 0 && picked < boxes.length;
    }
  };

  whole?.addEventListener("change", () => {
    for (const box of boxes) box.checked = whole.checked;
    if (matching && !whole.checked) matching.checked = false;
    show();
  });
  form.addEventListener("change", show);
  window.addEventListener("pageshow", show);
  show();
}

/** Keeps the address short: fields that say nothing are not sent. */
function leaveOutEmpty(form: HTMLFormElement): void {
  for (const field of form.querySelectorAll<HTMLInputElement | HTMLSelectElement>("input, select")) {
    if (field.value === "" && field.name) field.disabled = true;
  }
  window.addEventListener("pagehide", () => {
    for (const field of form.querySelectorAll<HTMLInputElement>(":disabled")) field.disabled = false;
  });
}
