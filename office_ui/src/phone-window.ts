// A link to the phone app opens a window of a phone's size, where there is room for one.
const SIZE = "popup,width=430,height=900";

export function startPhoneWindow(): void {
  document.addEventListener("click", (event) => {
    const link = (event.target as Element | null)?.closest<HTMLAnchorElement>("a[data-phone-window]");
    if (!link || innerWidth < 700) return;
    if (open(link.href, link.target, SIZE)) event.preventDefault();
  });
}
