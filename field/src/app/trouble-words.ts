/** What went wrong in words: the server's own where it gave some, else ours for the code. */
import { Trouble } from "@/api/errors";

type Translate = (key: string) => string;

export function troubleWords(t: Translate, error: unknown): string {
  const code = error instanceof Trouble ? error.code : "UNEXPECTED";
  if (error instanceof Trouble && error.said) {
    return error.hint ? `${error.said} ${error.hint}` : error.said;
  }
  return codeWords(t, code);
}

export function codeWords(t: Translate, code: string): string {
  const key = `errors.${code}`;
  const words = t(key);
  return words === key ? `${t("errors.UNEXPECTED")} (${code})` : words;
}
