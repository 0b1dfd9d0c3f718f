"""Benchmarks: budgets as ratios and counts of one run on one machine, never as timed tests."""
