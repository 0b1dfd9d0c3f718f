"""How many players one core carries: ours beside others, on one machine, in one run. Only the ratios are a contract."""
