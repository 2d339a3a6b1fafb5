// Screens about the debt (`meta: { debt: true }`) stay shut while somebody else may look: from the
// arrival on until it is written down that the borrower stands there.

import type { NavigationGuardReturn, RouteLocationNormalized } from "vue-router";

import { useStore } from "@/store";

import { debtLocked, visitState } from "./machine";

export async function debtGuard(to: RouteLocationNormalized): Promise<NavigationGuardReturn> {
  if (!to.meta["debt"]) return true;
  const visit = Number(to.params["id"]);
  const store = useStore();
  const events = await store.eventsOf(visit);
  const state = visitState(store.pack.value?.steps ?? [], events.map((each) => each.event));
  return debtLocked(state) ? { path: `/visit/${visit}` } : true;
}
