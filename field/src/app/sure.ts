/** Asks before something that cannot be undone. (Vant's dialog names itself by an id that is not there,
 * which readers of screens stumble over.) */
import { i18n } from "@/i18n";

function part<K extends keyof HTMLElementTagNameMap>(tag: K, text: string, look = ""): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.textContent = text;
  if (look) made.className = look;
  return made;
}

/** Whether the person says yes; closing it is a no. */
export function sure({ title, message }: { title: string; message: string }): Promise<boolean> {
  const { t } = i18n.global as { t: (key: string) => string };
  const panel = part("dialog", "", "sure");
  panel.setAttribute("aria-label", title);
  const yes = part("button", t("app.confirm"), "act danger");
  const no = part("button", t("app.cancel"), "act");
  yes.type = no.type = "button";
  panel.append(part("h2", title), part("p", message), yes, no);
  document.body.append(panel);
  panel.showModal();
  no.focus();
  return new Promise((resolve) => {
    yes.onclick = () => panel.close("yes");
    no.onclick = () => panel.close("no");
    panel.onclose = () => {
      panel.remove();
      resolve(panel.returnValue === "yes");
    };
  });
}
