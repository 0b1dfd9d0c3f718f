from loadtest.measure.observation import MAX_GAP_MS, Histogram, Spread, spread


def test_a_spread_tells_the_middle_the_tail_and_the_worst() -> None:
    """Of a hundred values in any order."""
    assert Spread(50.0, 99.0, 99.0) == spread([float(value) for value in range(99, -1, -1)])
    assert Spread() == spread([])


def test_quantiles_of_a_histogram_are_upper_ends_of_milliseconds() -> None:
    """Ninety-nine short gaps and a long one."""
    histogram = Histogram()
    for _ in range(99):
        histogram.add(0.0502)
    histogram.add(60.0)
    assert 51.0 == histogram.quantile_ms(0.5) == histogram.quantile_ms(0.99)
    assert MAX_GAP_MS + 1 == histogram.max_ms()


def test_an_empty_histogram_says_zero() -> None:
    """Also after it was cleared."""
    histogram = Histogram()
    histogram.add(1.0)
    histogram.clear()
    assert 0.0 == histogram.quantile_ms(0.99) == histogram.max_ms()
