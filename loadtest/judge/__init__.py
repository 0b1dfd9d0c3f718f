"""What a load test has to show, and whether it did."""
