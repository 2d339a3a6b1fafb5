// A form is sent once: its button rests while the answer is on the way.
// Select boxes marked data-submits send their form when changed; dialogs close by [data-closes], pages
// print by [data-prints].

export function startSteadyForms(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset["sent"]) {
      event.preventDefault();
      return;
    }
    form.dataset["sent"] = "yes";
    form.querySelector("button[type=submit]")?.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) {
      delete form.dataset["sent"];
      form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
    }
  });
  document.addEventListener("change", (event) => {
    const field = event.target as HTMLElement;
    if (field.matches("[data-submits]")) field.closest("form")?.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    const closer = (event.target as HTMLElement).closest("[data-closes]");
    closer?.closest("dialog")?.close();
    if ((event.target as HTMLElement).closest("[data-prints]")) print();
  });
}
