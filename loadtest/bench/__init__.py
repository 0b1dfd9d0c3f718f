"""Benchmarks: budgets as ratios and counts, measured in one run on one machine, never as timed tests."""
