"""Chinese: thousands are grouped, as on every bill and statement."""

NUMBER_GROUPING = 3
THOUSAND_SEPARATOR = ","
