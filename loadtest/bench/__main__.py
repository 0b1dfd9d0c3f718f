"""`make bench`: prints the tables of all benchmarks."""

from loadtest.bench import size, speed


def main() -> None:
    """Measure and print."""
    for benchmark in (size, speed):
        print(benchmark.table(), end="\n\n")


if __name__ == "__main__":
    main()
