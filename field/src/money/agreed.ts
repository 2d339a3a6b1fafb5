/**
 * The agreement at the door: what it says, who signs it, and what is written down of it. What was
 * confirmed or signed counts for the very rows that were shown; other rows begin anew.
 */
import { documentOf, type Drawn, type Lender, type Stated } from "@/arithmetic/document";
import type { Language } from "@/arithmetic/figures";
import type { PhoneTables } from "@/arithmetic/tables";
import { coveredParts } from "@/arithmetic/terms";
import type { EventBody, Iso } from "@/types";
import { rowsOf, type Choice } from "./choice";

export const PARTIES = ["borrower", "agent", "second_agent"] as const;
export type Party = (typeof PARTIES)[number];

/** A signature: the name as signed, the drawing (PNG, base64url) and the corrected time. */
export interface Signature {
  party: Party;
  name: string;
  png: string;
  at: Iso;
}

/** What has been confirmed and signed so far; `over` names the rows it counts for. */
export interface AgreementDraft {
  language: Language;
  over: string;
  ticked: boolean[];
  place: string;
  names: Partial<Record<Party, string>>;
  signatures: Signature[];
}

/** Who is to sign, by the names the document and the crew have for them. */
export type Signers = Record<Party, string>;

export function agreementDraft(language: Language, place: string): AgreementDraft {
  return { language, over: "", ticked: [], place, names: {}, signatures: [] };
}

/** What signatures count for: these terms, these rows, in these words. */
export function overOf(choice: Choice, language: Language): string {
  return JSON.stringify([choice.offer, choice.terms, choice.loans, rowsOf(choice), language]);
}

/** The draft for a choice; confirmations and signatures over something else count no more. */
export function draftFor(draft: AgreementDraft, choice: Choice): AgreementDraft {
  const over = overOf(choice, draft.language);
  return draft.over === over ? draft : { ...draft, over, ticked: [], signatures: [] };
}

/** A choice as its document states it. */
export function statedOf(
  choice: Choice, { tables, assessed_on, disposable }: {
    tables: PhoneTables; assessed_on: string | null; disposable: number;
  },
): Stated {
  return {
    kind: choice.terms.kind,
    currency: choice.currency,
    counted_on: choice.counted_on,
    owed: choice.owed.filter((loan) => choice.loans.includes(loan.loan_id)).map((loan) => ({
      ...coveredParts(loan, choice.terms.covers), product: loan.product,
      contract: loan.contract || loan.loan_id, rate_ppm: choice.terms.rate_ppm ?? loan.annual_rate_ppm,
    })),
    dues: choice.plan.rows.map(({ number, due_on, parts }) => ({ ...parts, number, due_on })),
    waived: choice.waived,
    new_interest: choice.new_interest,
    breach: tables.breach,
    assessed_on,
    disposable,
  };
}

/** The agreement as it is read, in the words of the lender's document. */
export function drawnOf(stated: Stated, language: Language, tables: PhoneTables, lender: Lender): Drawn {
  return documentOf(tables.agreement[language]!, language, stated, lender);
}

/** What is read aloud: the main points, then each sentence to confirm. */
export function spokenOf(drawn: Drawn, before: string): string[] {
  return [...(before ? [before] : []), drawn.plain_title, ...drawn.plain, drawn.consents_title, ...drawn.consents];
}

/** Spaces as the server reads them: a name is compared word by word. */
export function nameWords(name: string): string {
  return name.split(/\s+/u).filter(Boolean).join(" ");
}

/** Why a party cannot sign yet; null when it can. */
export function signFault(
  draft: AgreementDraft, party: Party, { signers, consents }: { signers: Signers; consents: number },
): "consents" | "name" | "place" | "order" | null {
  const ticked = draft.ticked.filter(Boolean).length;
  if (ticked < consents) return "consents";
  const before = PARTIES.slice(0, PARTIES.indexOf(party));
  if (before.some((each) => !signatureOf(draft, each))) return "order";
  if (!draft.place.trim()) return "place";
  const name = nameWords(draft.names[party] ?? signers[party]);
  const wanted = party === "borrower" ? nameWords(signers.borrower) : name;
  return name && name === wanted ? null : "name";
}

/** The signature of a party, if it has signed. */
export function signatureOf(draft: AgreementDraft, party: Party): Signature | null {
  return draft.signatures.find((each) => each.party === party) ?? null;
}

/** Whose turn it is; null when all have signed. */
export function nextParty(draft: AgreementDraft): Party | null {
  return PARTIES.find((party) => !signatureOf(draft, party)) ?? null;
}

/** The draft with a signature more; an earlier one of the same party is replaced. */
export function signedBy(draft: AgreementDraft, signature: Signature): AgreementDraft {
  const others = draft.signatures.filter((each) => each.party !== signature.party);
  const name = nameWords(signature.name);
  return { ...draft, signatures: [...others, { ...signature, name }] };
}

/** The body of the event `agreement`. RangeError unless everything is confirmed and signed. */
export function agreementBody(
  draft: AgreementDraft, choice: Choice, { drawn, tables, on, words }: {
    drawn: Drawn; tables: PhoneTables; on: string; words: string;
  },
): EventBody {
  const whole = draft.over === overOf(choice, draft.language)
    && drawn.consents.every((_, place) => draft.ticked[place]) && !nextParty(draft) && draft.place.trim();
  if (!whole) throw new RangeError("the agreement is not signed by everybody over these rows");
  return {
    offer: choice.offer,
    option: choice.key,
    terms: { ...choice.terms },
    loans: [...choice.loans],
    on,
    counted_on: choice.counted_on,
    currency: choice.currency,
    rows: rowsOf(choice),
    total: choice.total,
    language: draft.language,
    consents: [...drawn.consents],
    signatures: PARTIES.map((party) => signatureOf(draft, party)!),
    place: draft.place.trim().slice(0, 200),
    proposed_by: choice.source === "proposal" ? "borrower" : "lender",
    words: words.trim().slice(0, 1000),
    share_ppm: choice.share_ppm === null ? null : String(choice.share_ppm),
    tables: tables.digest,
  };
}

/** Base64url of a PNG that a canvas gives as a data address. */
export function pngOf(address: string): string {
  return address.slice(address.indexOf(",") + 1).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The data address of a picture kept as base64url. */
export function pngAddress(png: string): string {
  return `data:image/png;base64,${png.replaceAll("-", "+").replaceAll("_", "/")}`;
}
