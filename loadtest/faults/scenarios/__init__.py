"""One file for each part that fails; `ALL` of loadtest.faults.table lists what happens to it."""
