"""Where a scenario runs: processes on this machine, or a release of the chart on a Kubernetes cluster."""
