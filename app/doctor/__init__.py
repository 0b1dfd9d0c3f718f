"""The checks of `flotilla doctor`, one file per subject. Each check returns findings: what was seen, and the remedy."""
