import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Plugin } from "vite";

const ICONS = [
  "adjustments-horizontal", "alert-triangle", "arrow-down-right", "arrow-right", "arrow-up-right",
  "building-bank", "calendar-event", "check", "chevron-down", "chevron-left", "chevron-right",
  "circle-check", "clock", "database-import", "door", "download", "external-link", "eye", "file-text",
  "filter", "folder", "hand-stop", "heart-handshake", "help-circle", "home", "inbox", "info-circle",
  "key", "language", "list-details", "lock", "logout", "mail", "map-pin", "menu-2", "message", "moon",
  "note", "phone", "player-pause", "player-play", "plus", "printer", "refresh", "search", "settings",
  "shield-check", "sort-ascending", "sort-descending", "sun", "text-size", "trash", "upload", "user",
  "user-check", "user-plus", "users", "x",
];

/** Gathers the icons the pages use into one SVG sprite, named `icons.svg` in the manifest. */
export function iconSprite(): Plugin {
  return {
    name: "icon-sprite",
    apply: "build",
    async generateBundle() {
      const symbols = await Promise.all(ICONS.map((name) => symbol(name)));
      this.emitFile({
        type: "asset",
        name: "icons.svg",
        originalFileName: "icons.svg",
        source: `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`,
      });
    },
  };
}

async function symbol(name: string): Promise<string> {
  const svg = await readFile(join("node_modules", "@tabler", "icons", "icons", "outline", `${name}.svg`), "utf8");
  const shapes = svg.replace(/<!--[\s\S]*?-->/g, "").replace(/<\/?svg[^>]*>/g, "");
  return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${shapes.trim()}</symbol>`;
}
