import type { Plugin } from "vite";

const FACE = /@font-face\s*\{[^}]*vant-icon[^}]*\}/g;
const INLINE = /url\((["']?)data:font\/woff2;[^,]*base64,([A-Za-z0-9+/=]+)\1\)/;

/**
 * Vant's style sheet calls its icon font on another host and carries it inline as well. The inline
 * copy becomes a file of our own and the foreign address is left out, so that `font-src 'self'` holds.
 */
export function ownFont(): Plugin {
  return {
    name: "own-font",
    enforce: "post",
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== "asset" || !file.fileName.endsWith(".css")) continue;
        const text = typeof file.source === "string" ? file.source : new TextDecoder().decode(file.source);
        file.source = text.replace(FACE, (face) => {
          const found = INLINE.exec(face)?.[2];
          if (!found) throw new Error("Vant's icon font is no longer carried inline");
          const source = Buffer.from(found, "base64");
          const id = this.emitFile({ type: "asset", name: "icons.woff2", source });
          const name = this.getFileName(id).split("/").at(-1);
          return `@font-face{font-family:vant-icon;font-display:block;src:url(./${name}) format("woff2")}`;
        });
      }
    },
  };
}
