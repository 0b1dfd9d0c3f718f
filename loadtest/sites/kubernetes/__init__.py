"""The chart on a real cluster: installs, upgrades and breaks a release while players fly, and judges what they saw."""
