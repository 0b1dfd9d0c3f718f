"""`make bench-micro`: the cost of single parts in under a minute, each beside a naive version in the same run."""

from loadtest.bench import parts, size, speed
from loadtest.report.markdown import table_lines


def main() -> None:
    for benchmark in (parts, speed, size):
        print(*table_lines(benchmark.table()), "", sep="\n", flush=True)


if __name__ == "__main__":
    main()
