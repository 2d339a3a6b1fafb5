// Which screen does which step. They are loaded with the visit, so that a step never waits for the
// network.

import type { Component } from "vue";

import Agreement from "@/visit/steps/Agreement.vue";
import Arrive from "@/visit/steps/Arrive.vue";
import Clearance from "@/visit/steps/Clearance.vue";
import Close from "@/visit/steps/Close.vue";
import ConsentEnter from "@/visit/steps/ConsentEnter.vue";
import ConsentRecord from "@/visit/steps/ConsentRecord.vue";
import Debt from "@/visit/steps/Debt.vue";
import Identity from "@/visit/steps/Identity.vue";
import Listen from "@/visit/steps/Listen.vue";
import OnMyWay from "@/visit/steps/OnMyWay.vue";
import Options from "@/visit/steps/Options.vue";
import Purpose from "@/visit/steps/Purpose.vue";
import Report from "@/visit/steps/Report.vue";
import Warning from "@/visit/steps/Warning.vue";
import WhoIsThere from "@/visit/steps/WhoIsThere.vue";

export const SCREENS: Record<string, Component> = {
  on_my_way: OnMyWay,
  arrive: Arrive,
  clearance: Clearance,
  identity: Identity,
  who_is_there: WhoIsThere,
  purpose: Purpose,
  consent_record: ConsentRecord,
  consent_enter: ConsentEnter,
  debt: Debt,
  listen: Listen,
  options: Options,
  agreement: Agreement,
  warning: Warning,
  close: Close,
  report: Report,
};
