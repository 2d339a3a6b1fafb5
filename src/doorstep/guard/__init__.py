"""May we do this to this person now? One answer, with its reasons, for every effect on a person."""
