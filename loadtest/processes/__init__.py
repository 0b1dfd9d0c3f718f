"""Programs on this machine: started with a log and free ports, waited for, and ended within a bounded time."""
