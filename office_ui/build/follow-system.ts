import type { Plugin } from "postcss";

const DARK = /\[data-bs-theme=["']?dark["']?\]/g;

/**
 * Repeats every rule of the dark theme for `data-bs-theme="auto"` inside a media query, so that the
 * page follows the system without a script that runs before the first paint.
 */
export function followSystem(): Plugin {
  return {
    postcssPlugin: "follow-system",
    OnceExit(root, { AtRule }) {
      root.walkRules((rule) => {
        if (!rule.selector.match(DARK) || rule.source?.input.id === "followed") return;
        const copy = rule.clone({ selector: rule.selector.replace(DARK, "[data-bs-theme=auto]") });
        const media = new AtRule({ name: "media", params: "(prefers-color-scheme: dark)" });
        media.append(copy);
        rule.after(media);
      });
    },
  };
}
