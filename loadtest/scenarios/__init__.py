"""What players see when a process, a network or a clock fails: crowds, faults, and the judgement of what was seen."""
