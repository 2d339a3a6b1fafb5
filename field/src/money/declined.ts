/** Why nothing was signed. */
export const DECLINED = ["think", "ask_family", "too_much", "wants_other", "doubts_debt", "not_today", "other"] as const;
