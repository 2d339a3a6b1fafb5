import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { VitePWA } from "vite-plugin-pwa";
import { defineConfig } from "vitest/config";
import { compressed } from "../office_ui/build/compressed.ts";
import { ownFont } from "./build/own-font.ts";

// The phone app: everything under /field/, nothing from another host, nothing inline in the page.
export default defineConfig({
  base: "/field/",
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  define: {
    __VUE_OPTIONS_API__: "true",
    __VUE_PROD_DEVTOOLS__: "false",
    __VUE_I18N_FULL_INSTALL__: "false",
    __VUE_I18N_LEGACY_API__: "false",
    __INTLIFY_PROD_DEVTOOLS__: "false",
    __INTLIFY_DROP_MESSAGE_COMPILER__: "false",
  },
  build: {
    outDir: "dist",
    assetsDir: "assets",
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  plugins: [
    vue(),
    ownFont(),
    VitePWA({
      strategies: "generateSW",
      filename: "sw.js",
      registerType: "prompt",
      injectRegister: false,
      scope: "/field/",
      includeAssets: ["icon.svg"],
      manifest: {
        id: "/field/",
        name: "Doorstep",
        short_name: "Doorstep",
        start_url: "/field/",
        scope: "/field/",
        display: "standalone",
        orientation: "portrait",
        background_color: "#f4f6f8",
        theme_color: "#14365c",
        icons: [
          { src: "icon-192.png", sizes: "192x192", type: "image/png" },
          { src: "icon-512.png", sizes: "512x512", type: "image/png" },
          { src: "icon-512.png", sizes: "512x512", type: "image/png", purpose: "maskable" },
          { src: "icon.svg", sizes: "any", type: "image/svg+xml" },
        ],
      },
      workbox: {
        clientsClaim: true,
        // A new version waits until the app is closed: in mid-visit no file may go missing.
        skipWaiting: false,
        cleanupOutdatedCaches: true,
        inlineWorkboxRuntime: true,
        globPatterns: ["**/*.{js,css,html,woff2,svg,png,webmanifest}"],
        navigateFallback: "/field/index.html",
        navigateFallbackAllowlist: [/^\/field\//],
        navigateFallbackDenylist: [/^\/field\/api\//],
      },
    }),
    compressed("assets"),
  ],
  test: {
    environment: "node",
    include: ["src/**/*.test.ts", "tests/**/*.test.ts"],
    setupFiles: ["tests/setup.ts"],
  },
});
