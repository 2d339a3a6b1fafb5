/** Why somebody cannot pay as agreed: the server's `HardshipCause`. */
export const CAUSES = [
  "job_loss",
  "less_income",
  "illness",
  "family",
  "disaster",
  "business",
  "other",
] as const;
