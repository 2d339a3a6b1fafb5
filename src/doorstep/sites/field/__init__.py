"""The phone of the field agents: its shell of files, and the interface it syncs through."""
