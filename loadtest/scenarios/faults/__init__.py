"""One file for each part that fails; `ALL` of loadtest.scenarios.faults_table lists what happens to it."""
