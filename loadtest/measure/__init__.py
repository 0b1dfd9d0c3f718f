"""What a load test measures: players' notes, histograms, the server's metrics, and the result."""
