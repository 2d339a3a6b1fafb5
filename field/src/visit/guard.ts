// Screens about the debt (`meta: { debt: true }`) stay shut while somebody else may look: from the
// arrival on until it is written down that the borrower stands there.

import { computed, watch, type Ref } from "vue";
import { useRouter, type NavigationGuardReturn, type RouteLocationNormalized } from "vue-router";

import { useStore } from "@/store";
import type { KnownEvent } from "@/types";

import { counting, debtLocked, visitState } from "./machine";

export async function debtGuard(to: RouteLocationNormalized): Promise<NavigationGuardReturn> {
  if (!to.meta["debt"]) return true;
  const visit = Number(to.params["id"]);
  const store = useStore();
  const events = counting(await store.eventsOf(visit));
  const state = visitState(store.pack.value?.steps ?? [], events);
  return debtLocked(state) ? { path: `/visit/${visit}` } : true;
}

/** Leaves the open screen about the debt as soon as the crew stands at the door. */
export function useDebtLock(visit: number, known: Readonly<Ref<KnownEvent[]>>): void {
  const store = useStore();
  const router = useRouter();
  const locked = computed(() =>
    debtLocked(visitState(store.pack.value?.steps ?? [], counting(known.value))));
  watch(locked, (now) => {
    if (now) void router.replace(`/visit/${visit}`);
  });
}
