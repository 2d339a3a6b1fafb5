// The search box of the top bar: Ctrl-K (or ⌘K) opens it, arrows move, Enter opens.

export function startSearch(): void {
  const dialog = document.querySelector<HTMLDialogElement>("#search");
  if (!dialog) return;
  const input = dialog.querySelector<HTMLInputElement>("input")!;
  const open = () => {
    if (dialog.open) return;
    dialog.showModal();
    input.select();
  };
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
  document.querySelector("[data-opens-search]")?.addEventListener("click", (event) => {
    event.preventDefault();
    open();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("keydown", (event) => moveInResults(event, dialog, input));
}

function moveInResults(event: KeyboardEvent, dialog: HTMLElement, input: HTMLInputElement): void {
  const links = [...dialog.querySelectorAll<HTMLAnchorElement>("[data-results] a")];
  const at = links.indexOf(document.activeElement as HTMLAnchorElement);
  if (event.key === "ArrowDown") {
    event.preventDefault();
    links[Math.min(at + 1, links.length - 1)]?.focus();
  } else if (event.key === "ArrowUp") {
    event.preventDefault();
    (at > 0 ? links[at - 1]! : input).focus();
  } else if (event.key === "Enter" && document.activeElement === input && links[0]) {
    event.preventDefault();
    links[0].click();
  }
}
