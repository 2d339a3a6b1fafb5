import "vant/lib/index.css";
import "@/app/look.css";
import { createApp } from "vue";
import App from "@/app/App.vue";
import { idleWatch, sessionStart } from "@/app/session";
import { i18n, languageChosen, languageSet } from "@/i18n";
import { router } from "@/router";
import { timerWatch } from "@/safety/timer";
import { syncStart } from "@/sync/engine";

if ("serviceWorker" in navigator && import.meta.env.PROD) {
  void navigator.serviceWorker.register("/field/sw.js", { scope: "/field/" }).catch(() => undefined);
}

await languageSet(languageChosen());
createApp(App).use(i18n).use(router).mount("#app");
await sessionStart();
idleWatch();
timerWatch();
syncStart();
