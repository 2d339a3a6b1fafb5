// Which screen does which step. They are loaded with the visit, so that a step never waits for the
// network.

import { h, type Component, type FunctionalComponent } from "vue";

import Agreement from "@/visit/steps/Agreement.vue";
import Arrive from "@/visit/steps/Arrive.vue";
import Clearance from "@/visit/steps/Clearance.vue";
import Close from "@/visit/steps/Close.vue";
import ConsentEnter from "@/visit/steps/ConsentEnter.vue";
import ConsentRecord from "@/visit/steps/ConsentRecord.vue";
import Identity from "@/visit/steps/Identity.vue";
import Listen from "@/visit/steps/Listen.vue";
import OnMyWay from "@/visit/steps/OnMyWay.vue";
import Paper from "@/visit/steps/Paper.vue";
import Purpose from "@/visit/steps/Purpose.vue";
import Report from "@/visit/steps/Report.vue";
import Warning from "@/visit/steps/Warning.vue";
import WhoIsThere from "@/visit/steps/WhoIsThere.vue";
import type { Visit } from "@/visit/use-visit";

interface Given {
  visit: Visit;
  settled: boolean;
}

function paper(step: "debt" | "options", path: string): FunctionalComponent<Given> {
  const screen: FunctionalComponent<Given> = (given) => h(Paper, { ...given, step, path });
  screen.props = ["visit", "settled"];
  return screen;
}

export const SCREENS: Record<string, Component> = {
  on_my_way: OnMyWay,
  arrive: Arrive,
  clearance: Clearance,
  identity: Identity,
  who_is_there: WhoIsThere,
  purpose: Purpose,
  consent_record: ConsentRecord,
  consent_enter: ConsentEnter,
  debt: paper("debt", "bill"),
  listen: Listen,
  options: paper("options", "options"),
  agreement: Agreement,
  warning: Warning,
  close: Close,
  report: Report,
};
