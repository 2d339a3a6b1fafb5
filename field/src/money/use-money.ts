/** The money of a visit as its screens see it: the stop, the lender's tables, means as they stand. */
import { computed, nextTick, onMounted, onUnmounted, ref, watch, type Ref } from "vue";
import { daysLater } from "@/arithmetic/days";
import { loanFrom } from "@/arithmetic/terms";
import type { PhoneTables } from "@/arithmetic/tables";
import { useEvents, useStore } from "@/store";
import type { EventKind } from "@/types";
import { agreementOf, counting } from "@/visit/machine";
import { useDebtLock } from "@/visit/guard";
import { ableLoans, type Ground } from "./choice";
import { lessDisputed, undisputed } from "./disputed";
import { assessedOn, latestBody, meansNow } from "./means";

/** What is chosen on the way to an agreement: kept encrypted, so that a kill loses nothing. */
export interface Chosen {
  loans: string[];
  first_on: string;
  choice: string;
  proposal: {
    monthly: string;
    first_on: string;
    pause: number;
    waive: Record<string, boolean>;
    words: string;
  } | null;
}

export function chosenNew(): Chosen {
  return { loans: [], first_on: "", choice: "", proposal: null };
}

export function useMoney(id: number) {
  const store = useStore();
  const known = useEvents(id);
  useDebtLock(id, known);
  const stop = computed(() => store.stop(id));
  const tables = computed(() => (store.pack.value?.["tables"] as PhoneTables | undefined) ?? null);
  const lender = computed(() => store.pack.value?.lender ?? null);
  const on = computed(() => stop.value?.options.on ?? store.pack.value?.day ?? "");
  const loans = computed(() => lessDisputed((stop.value?.loans ?? []).map(loanFrom), known.value));
  const offers = computed(() => undisputed(stop.value?.offers ?? [], known.value));
  const means = computed(() => {
    const packed = stop.value?.means ?? null;
    return tables.value ? meansNow(known.value, packed, tables.value.spending, on.value) : packed;
  });
  const assessed = computed(() => (tables.value
    ? assessedOn(known.value, means.value, tables.value.spending, on.value, daysLater) : null));
  const currency = computed(() => ableLoans(loans.value)[0]?.currency ?? stop.value?.bill.currency ?? "CNY");

  /** What plans are worked out from, for the loans chosen; null while the tables are not here. */
  function ground(chosen: readonly string[]): Ground | null {
    if (!tables.value) return null;
    const able = ableLoans(loans.value);
    const wanted = able.filter((loan) => chosen.includes(loan.loan_id));
    const policy = { options: tables.value.options, spending: tables.value.spending };
    return { loans: wanted.length ? wanted : able, means: means.value, on: on.value, policy };
  }

  const told = (kind: EventKind) => computed(() => latestBody(known.value, kind));
  const agreed = computed(() => agreementOf(counting(known.value))?.body ?? null);

  return { store, known, stop, tables, lender, on, loans, offers, means, assessed, currency, ground, told, agreed };
}

/** What is being written, saved by itself a moment after each change and when the screen goes. */
export function useDraft<T extends object>(visit: number, name: string, fresh: () => T) {
  const store = useStore();
  const draft = ref(fresh()) as Ref<T>;
  const ready = ref(false);
  const saved = ref(true);
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function keep(): Promise<void> {
    await nextTick(); // a change made just now is noticed only then
    clearTimeout(timer);
    if (saved.value) return;
    saved.value = true;
    await store.draftPut(visit, name, JSON.parse(JSON.stringify(draft.value))).catch(() => (saved.value = false));
  }
  const leave = () => void keep();

  onMounted(async () => {
    const kept = await store.draftGet<T>(visit, name).catch(() => null);
    if (kept) draft.value = { ...fresh(), ...kept };
    watch(draft, () => {
      saved.value = false;
      clearTimeout(timer);
      timer = setTimeout(leave, 250);
    }, { deep: true });
    ready.value = true;
    addEventListener("pagehide", leave);
  });
  onUnmounted(() => {
    removeEventListener("pagehide", leave);
    leave();
  });
  return { draft, ready, saved, keep };
}
