"""`make bench-micro`: what single parts cost, in under a minute, each beside a naive version in the same run."""

from loadtest.bench import parts, size, speed


def main() -> None:
    """Measure and print."""
    for benchmark in (parts, speed, size):
        print(benchmark.table(), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
