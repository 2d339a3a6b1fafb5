/** The steps of a visit, as visits/door/door.toml has them. */
export const STEPS = [
  "on_my_way", "arrive", "clearance", "identity", "who_is_there", "purpose", "consent_record",
  "consent_enter", "debt", "listen", "options", "agreement", "warning", "close", "report",
] as const;
