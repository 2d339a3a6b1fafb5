import type { RouteRecordRaw } from "vue-router";

export const routes: RouteRecordRaw[] = [
  {
    path: "/visit/:id(\\d+)",
    name: "visit",
    component: () => import("@/visit/VisitView.vue"),
    props: (route) => ({ id: Number(route.params["id"]) }),
  },
];
