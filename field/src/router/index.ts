import { createRouter, createWebHistory, type RouteRecordRaw } from "vue-router";
import { duty, session } from "@/app/session";
import { routes as money } from "@/money/routes";
import { debtGuard } from "@/visit/guard";
import { routes as visit } from "@/visit/routes";

/** `/visit/:id/stop` is the stop page (it tells of the debt, so it stays shut at the door until the
 * borrower alone stands there); `/visit/:id` the visit itself (src/visit/routes.ts). */
const own: RouteRecordRaw[] = [
  { path: "/", name: "today", component: () => import("@/day/TodayView.vue") },
  { path: "/sign-in", redirect: "/" },
  { path: "/map", name: "map", component: () => import("@/day/MapView.vue") },
  { path: "/visit/:id(\\d+)/stop", name: "stop", component: () => import("@/day/StopView.vue"), meta: { debt: true } },
  { path: "/script", name: "script", component: () => import("@/day/ScriptView.vue") },
  { path: "/sync", name: "sync", component: () => import("@/sync/SyncView.vue") },
  { path: "/settings", name: "settings", component: () => import("@/account/SettingsView.vue") },
];

const lost: RouteRecordRaw = { path: "/:rest(.*)*", redirect: "/" };

export const router = createRouter({
  history: createWebHistory("/field/"),
  routes: [...own, ...visit, ...money, lost],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
});

/** Before unlocking nothing can be looked up: a page about the debt then gives way to its visit. */
router.beforeEach((to) => {
  if (session.phase === "open") return debtGuard(to);
  return to.meta["debt"] ? { path: `/visit/${String(to.params["id"])}` } : true;
});

/** A part of the app that is no longer there (a newer one was put on the server) is loaded afresh,
 * unless that would end a recording. */
router.onError((_error, to) => {
  if (duty.recording === "off" && navigator.onLine) location.assign(`/field${to.fullPath}`);
});
