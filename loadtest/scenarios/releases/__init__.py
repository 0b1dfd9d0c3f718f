"""What is done to a release, one file for each kind of thing."""
