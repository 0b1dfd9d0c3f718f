"""Faults, one file for each part that fails."""
