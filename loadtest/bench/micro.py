"""`make bench-micro`: the cost of single parts in under a minute, each beside a naive version in the same run."""

from loadtest.bench import parts, size, speed


def main() -> None:
    for benchmark in (parts, speed, size):
        print(benchmark.table(), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
