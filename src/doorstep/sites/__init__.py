"""Who is looking: `office/` serves staff."""
