"""The error that every entry point prints instead of a traceback when settings are wrong."""


class ConfigurationError(Exception):
    """The environment has faults. Each fault is one line: the variable, the fault, and the remedy."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults
