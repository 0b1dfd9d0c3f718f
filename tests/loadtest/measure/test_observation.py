from loadtest.measure.observation import Spread, spread


def test_a_spread_has_the_middle_the_tail_and_the_maximum() -> None:
    """Of a hundred values in any order."""
    assert Spread(50.0, 99.0, 99.0) == spread([float(value) for value in range(99, -1, -1)])
    assert Spread() == spread([])
