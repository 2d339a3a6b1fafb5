/**
 * What the phone and the server say to each other, as they say it. Money is in minor units, times
 * are ISO 8601 in UTC, binary is base64url without padding.
 */

export type Iso = string;
export type B64 = string;
export type Pair = [label: string, value: string];
/** [principal, interest, fee, penalty] in minor units. */
export type Parts = [number, number, number, number];

export interface StaffMe {
  id: number;
  name: string;
  username: string;
  work_id: string;
  role: string;
}

/** Who this phone is bound to, until when, and the server's keys. */
export interface Me {
  device?: string;
  staff: StaffMe;
  expires_at: Iso;
  now: Iso;
  time_zone: string;
  language: string;
  keys: { server: B64; recording: B64 };
  numbers: Pair[];
  desk: string;
  pin: { least: number; idle_seconds: number };
}

/** PBKDF2-SHA256 of somebody's door PIN. */
export interface PinVerifier {
  salt: B64;
  iterations: number;
  hash: B64;
}

export interface Member {
  id: number;
  name: string;
  work_id: string;
  leads: boolean;
  phone: string;
  pin: PinVerifier | null;
}

export interface Crew {
  id: number;
  begins_at: Iso;
  ends_at: Iso;
  vehicle: string;
  members: Member[];
}

export interface LenderFacts {
  name: string;
  hotline: string;
  complaint_line: string;
  verify_at: string;
  pay_channels: string;
  reports_credit: boolean;
}

export interface StepText {
  code: string;
  title: string;
  words: string | string[];
  needs: string[];
  may_skip: boolean;
}

export type HintKind = "upset" | "silent" | "elderly" | "child" | "threats";

export interface BillLoan {
  title: string;
  nothing: string;
  headings: string[];
  lines: string[][];
  total: string[];
  working_title: string;
  working: string[][];
}

export interface BillAccount {
  parts_title: string;
  parts: string[][];
  loans: BillLoan[];
}

export interface Bill {
  on: string;
  currency: string;
  total: number;
  accounts: BillAccount[];
}

/** `agreements.terms.BorrowerLoan`. */
export interface BorrowerLoan {
  loan_id: string;
  /** What the borrower knows it by. */
  contract?: string;
  product: string;
  currency: string;
  annual_rate_ppm: number;
  owed: Parts;
  overdue: Parts;
  disputed: Parts;
  overdue_count: number;
  dpd: number;
  months_left: number;
  usual: number;
}

/** `agreements.terms.Terms`. */
export interface Terms {
  kind: string;
  months: number;
  first_on: string;
  rate_ppm: number | null;
  pause: number;
  smaller: number;
  smaller_percent: number;
  waive: Record<string, number>;
  settle_percent: number | null;
  covers: "all" | "overdue";
}

/** `agreements.options.Means`. */
export interface Means {
  disposable: number | null;
  currency: string;
  valid_until: string;
  willing: boolean;
  causes: string[];
}

/** An approved offer that is ready to be signed. */
export interface Offer {
  id: number;
  kind: string;
  rows: [due_on: string, principal: number, interest: number, penalty: number, fee: number][];
  [fact: string]: unknown;
}

/** A signed permission to ring; payload is base64url of JSON `PassFacts`. */
export interface Pass {
  payload: B64;
  signature: B64;
}

export interface PassFacts {
  v: 1;
  kind: "visit-pass";
  visit: number;
  case: number;
  members: number[];
  latitude: number | null;
  longitude: number | null;
  tolerance_m: number;
  windows: [Iso, Iso][];
  issued_at: Iso;
  lives_until: Iso;
  revision: string | number;
}

export interface Place {
  text: string;
  latitude: number | null;
  longitude: number | null;
  tolerance_m: number;
}

/** `was`: older numbers of this visit, from plans that were made anew. */
export interface Stop {
  visit: number;
  was?: number[];
  case: number;
  order: number;
  state: string;
  who: string;
  masked: string;
  language: string;
  place: Place;
  planned: { arrives_at: Iso | null; begins_at: Iso | null; ends_at: Iso | null; minutes?: number };
  windows: [Iso, Iso][];
  travel_minutes: number | null;
  appointment: { from_at: Iso | null; until_at: Iso | null; code: string; wishes: string[] } | null;
  risk: { level: string; factors: string[]; measures: string[]; short_timer?: boolean };
  timer?: { began_at: Iso; due_at: Iso; alarm_at: Iso } | null;
  briefing: Pair[];
  points: Pair[];
  bill: Bill;
  loans: BorrowerLoan[];
  means: Means | null;
  options: { on: string; policy_digest: string };
  offers: Offer[];
  documents: { words: string; address: string }[];
  pass: Pass | null;
  recording: { nonce: B64 };
  equipment: unknown;
  police: string;
}

/** How the server counts check-ins, in minutes (visits/emergency.toml). */
export interface TimerRules {
  slack: number;
  short: number;
  grace: number;
  well: number;
  most_well: number;
}

/** Where an SOS goes with neither signature nor session, and what opens it for a day. */
export interface SosWay {
  address: string;
  token: string;
}

/** The day of this crew: the whole trip pack. */
export interface DayPack {
  day: string;
  revision: string | number;
  now: Iso;
  crew: Crew | null;
  lender: LenderFacts;
  script: [title: string, lines: string[]][];
  conduct: Record<HintKind, string[]>;
  steps: StepText[];
  numbers: Pair[];
  plan?: string[];
  timer?: TimerRules;
  sos?: SosWay;
  stops: Stop[];
  [more: string]: unknown;
}

export type EventKind =
  | "step" | "check_in" | "dispute" | "affordability" | "agreement" | "declined" | "recording_gap"
  | "recording" | "leave_now" | "note" | "position" | "report";

export type EventBody = Record<string, unknown>;

/** What happened on this phone, as it is sent. `number` runs per device without gaps. */
export interface DoorEvent {
  id: string;
  visit: number;
  kind: EventKind;
  topic: string;
  after: string | null;
  at: Iso;
  clock_at: Iso;
  number: number;
  body: EventBody;
  /** Who made it, on events of other phones. */
  staff?: number;
}

export type ResultState = "applied" | "already" | "conflict" | "refused";

export interface EventResult {
  id: string;
  state: ResultState;
  code?: string;
  message?: string;
}

/** waiting: not yet sent; settled: a conflict that a person has ended. */
export type EventState = "waiting" | "applied" | "conflict" | "refused" | "settled";

/** An event of this phone or of another of the crew, with what became of it. */
export interface KnownEvent {
  event: DoorEvent;
  own: boolean;
  state: EventState;
  code: string;
  message: string;
}

export interface Change {
  visit: number | null;
  what: "withdrawn" | "moved" | "given" | "taken" | "fact";
  why: string;
  at: Iso;
}

export interface Conflict {
  topic: string;
  visit: number;
  ids: string[];
}

/** What a person made of a conflict: of the events of the topic one counts, the others do not. */
export interface Settled {
  visit: number;
  topic: string;
  kept: string;
  aside: string[];
}

export interface Changes {
  cursor: string | number;
  now: Iso;
  revision: string | number | null;
  changes: Change[];
  events: DoorEvent[];
  conflicts: Conflict[];
  /** All of the crew's day, the oldest first. */
  settled?: Settled[];
  timers?: { visit: number; due_at: Iso; alarm_at: Iso }[];
}

export interface Sos {
  key: string;
  visit: number | null;
  latitude: number | null;
  longitude: number | null;
  duress: boolean;
}
