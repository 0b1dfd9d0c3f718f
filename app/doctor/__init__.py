"""What `flotilla doctor` looks at, one file for each thing, and what it says about it."""
