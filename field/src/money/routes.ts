import type { RouteRecordRaw } from "vue-router";

/** The screens about money. They stay shut until the borrower alone stands there (`meta.debt`). */
export const routes: RouteRecordRaw[] = [
  moneyRoute("bill", () => import("@/money/BillView.vue")),
  moneyRoute("means", () => import("@/money/MeansView.vue")),
  moneyRoute("options", () => import("@/money/OptionsView.vue")),
  moneyRoute("agreement", () => import("@/money/AgreementView.vue")),
];

function moneyRoute(name: string, component: () => Promise<unknown>): RouteRecordRaw {
  return {
    path: `/visit/:id(\\d+)/${name}`,
    name,
    component: component as NonNullable<RouteRecordRaw["component"]>,
    props: (route) => ({ id: Number(route.params["id"]) }),
    meta: { debt: true },
  } as RouteRecordRaw;
}
