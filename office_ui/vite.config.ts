import { defineConfig } from "vite";
import { compressed } from "./build/compressed.ts";
import { followSystem } from "./build/follow-system.ts";
import { iconSprite } from "./build/icon-sprite.ts";

// The office's assets: one entry for every page, charts and maps as chunks of their own.
export default defineConfig({
  base: "./",
  build: {
    outDir: "dist",
    assetsDir: "office",
    manifest: "manifest.json",
    target: "es2022",
    chunkSizeWarningLimit: 1300,
    rolldownOptions: { input: "src/office.ts" },
  },
  css: { postcss: { plugins: [followSystem()] } },
  plugins: [iconSprite(), compressed()],
});
