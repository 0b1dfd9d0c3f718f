"""A release of the chart on a real Kubernetes cluster."""
