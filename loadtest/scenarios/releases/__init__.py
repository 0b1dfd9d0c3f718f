"""Changes and faults of a release of the chart, one file for each kind."""
