"""DuckDB for one night: settings, exact integer arithmetic, and files that appear whole or not.

The only raw SQL of the night is here: settings, macros and COPY. Everything else is Ibis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from doorstep.cycle.files import settle
from doorstep.kernel.errors import InputError, Where

ROW_GROUP = 122_880
BATCH = 20_000
PARQUET = (
    "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, "
    "WRITE_BLOOM_FILTER false, DICTIONARY_SIZE_LIMIT 1000"
)
"""Ids and amounts differ in nearly every row: to try a dictionary for them takes a third of the
time of writing, and files in the order of their ids need no other way to look one up."""
MACROS = """
CREATE OR REPLACE MACRO wide_multiply_divide(a, b, d) AS
  CAST((2 * CAST(a AS HUGEINT) * CAST(b AS HUGEINT) + CAST(d AS HUGEINT))
       // (2 * CAST(d AS HUGEINT)) AS BIGINT);
CREATE OR REPLACE MACRO narrow_multiply_divide(a, b, d) AS
  (a // d) * b + (2 * (a % d) * b + d) // (2 * d);
CREATE OR REPLACE MACRO multiply_divide(a, b, d) AS
  CASE WHEN CAST(b AS BIGINT) <= 4000000000000000000 // CAST(d AS BIGINT)
       THEN narrow_multiply_divide(CAST(a AS BIGINT), CAST(b AS BIGINT), CAST(d AS BIGINT))
       ELSE wide_multiply_divide(a, b, d) END;
CREATE OR REPLACE MACRO shard_of(key, shards) AS CAST(hash(key) % shards AS BIGINT);
CREATE OR REPLACE MACRO as_bigint(a) AS CAST(a AS BIGINT);
CREATE OR REPLACE MACRO whole_part(a, d) AS CAST(divide(CAST(a AS BIGINT), d) AS BIGINT);
"""

SETTINGS = """
SET TimeZone = 'UTC';
SET enable_progress_bar = false;
SET enable_external_file_cache = false;
SET allocator_flush_threshold = '4MB';
SET allocator_bulk_deallocation_flush_threshold = '4MB';
SET disabled_optimizers = 'build_side_probe_side';
ATTACH ':memory:' AS kept (ROW_GROUP_SIZE 20480);
"""
"""Memory that is done with goes back soon: every file is read few times, and what is not held for
it leaves room to write with all threads. (At once would be slower: what is taken anew is cleared
anew.) A join holds its right side, as it is written, for what several filters leave is guessed far
too low; so the smaller side stands on the right. Tables are kept in groups small enough that a
table of overdue borrowers is read by all threads."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def multiply_divide(a: int, b: int, d: int) -> int:  # type: ignore[empty-body]
    """a x b / d for numbers that are not negative, exact, rounded half up (`divide_half_up`).

    Whole and remainder of a / d are taken apart, so that 64 bits suffice unless b is very large.
    """


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def whole_part(a: int, d: int) -> int:  # type: ignore[empty-body]
    """a / d for numbers that are not negative, exact, rounded down."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def as_bigint(a: int) -> int:  # type: ignore[empty-body]
    """The number as 64 bits: DuckDB sums into 128, which Parquet would keep as a float."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def bit_count(a: int) -> int:  # type: ignore[empty-body]
    """How many bits are set."""


def days_before(on: date, days: Any) -> Any:
    """The calendar day so many days before."""
    return (ibis.literal(on) - days.as_interval("D")).cast("date")


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def shard_of(text: str, shards: int) -> int:  # type: ignore[empty-body]
    """The shard a key belongs to."""


def total(column: Any) -> Any:
    """Sum of whole numbers, 64 bits; beyond that the engine refuses."""
    return as_bigint(column.sum())


@ibis.udf.scalar.builtin(name="format")  # type: ignore[untyped-decorator]
def formatted(pattern: str, whole: int, rest: int) -> str:  # type: ignore[empty-body]
    """The numbers in the pattern: `{:,}` is one with thousands, `{:02}` one of two digits."""


@dataclass
class Engine:
    """An open DuckDB seen through Ibis, with room to spill beside the night's output.

    One worker carries out statements in their order while the next is still being translated: Ibis
    takes some hundredths of a second for each, in which DuckDB would stand idle. After a statement
    that failed none is carried out, and whoever waits for a later one gets its error.
    """

    connection: Any
    worker: ThreadPoolExecutor
    last: Future[Any] = field(default_factory=Future)
    names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.last.set_result(None)

    def _queued(self, deed: Callable[[], Any]) -> Future[Any]:
        before = self.last

        def carried_out() -> Any:
            before.result()
            return deed()

        self.last = self.worker.submit(carried_out)
        return self.last

    def settled(self) -> None:
        """Wait until every statement so far is carried out; raises what one of them raised."""
        self.last.result()

    def table(self, path: Path) -> Any:
        """A Parquet file as an Ibis table."""
        self.settled()
        return self.connection.read_parquet(path)

    def numbered(self, path: Path) -> Any:
        """A Parquet file as an Ibis table with the place of each row, `file_row_number`."""
        self.settled()
        return self.connection.read_parquet(path, file_row_number=True)

    def arrow(self, rows: Any, name: str) -> Any:
        """Arrow rows as a table of that name. (`ibis.memtable` would load pandas: two seconds.)"""
        self.settled()
        self.connection.con.register(name, rows)
        return self.connection.table(name)

    def fetched(self, expression: Any) -> pa.Table:
        """The expression's rows in memory."""
        sql = self.connection.compile(expression)
        self.settled()
        return self.connection.con.sql(sql).arrow().read_all()

    def rows(self, expression: Any) -> list[dict[str, Any]]:
        """The expression's rows as plain values; for small results."""
        found: list[dict[str, Any]] = self.fetched(expression).to_pylist()
        return found

    def batches(self, expression: Any) -> Iterator[pa.RecordBatch]:
        """The expression's rows, some thousands at a time; nothing else may run in between."""
        sql = self.connection.compile(expression)
        self.settled()
        yield from self.connection.con.execute(sql).to_arrow_reader(BATCH)

    def kept(self, expression: Any, name: str) -> Any:
        """The expression worked out once, as a table of that name; not waited for."""
        schema = expression.schema()
        columns = ", ".join(c.sql("duckdb") for c in schema.to_sqlglot_column_defs("duckdb"))
        sql = (
            f"CREATE OR REPLACE TABLE kept.{name} ({columns}); "
            f"INSERT INTO kept.{name} {self.connection.compile(expression)}"
        )
        self._queued(lambda: self.connection.con.execute(sql))
        self.names.append(name)
        return ibis.table(schema, name=name, catalog="kept", database="main")

    def forget(self) -> None:
        """Let go of every table that was kept."""
        self.settled()
        for name in self.names:
            self.connection.con.execute(f"DROP TABLE IF EXISTS kept.{name}")
        self.names.clear()

    def write(self, expression: Any, path: Path, *, group: int = ROW_GROUP) -> Future[int]:
        """Write the expression as Parquet: the file appears whole, under its name, or not at all.

        The same rows in the same order give the same bytes. The answer is the number of rows, once
        it is written. A small `group` of rows lets several threads read the file.
        """
        sql = self.connection.compile(expression)

        def written() -> int:
            partial = path.with_name(path.name + ".partial")
            target = str(partial).replace("'", "''")
            self.connection.con.execute(
                f"COPY ({sql}) TO '{target}' ({PARQUET}, ROW_GROUP_SIZE {group})"
            )
            rows = int(self.connection.con.fetchone()[0])
            settle(partial, path)
            return rows

        return self._queued(written)

    def split(self, expression: Any, folder: Path, *, by: str, shards: int) -> list[Any]:
        """The expression's rows in as many tables on disk, by a digest of the column `by`."""
        self.settled()
        sharded = expression.mutate(shard=shard_of(expression[by], shards))
        target = str(folder).replace("'", "''")
        self.connection.raw_sql(
            f"COPY ({self.connection.compile(sharded)}) TO '{target}' "
            f"(FORMAT parquet, PARTITION_BY (shard))"
        )
        pieces = [folder / f"shard={number}" for number in range(shards)]
        return [
            self.connection.read_parquet(f"{piece}/*.parquet", hive_partitioning=False)
            if piece.exists()
            else expression.limit(0)
            for piece in pieces
        ]

    def gather(
        self, parts: Path, path: Path, *, order_by: str | None = None, group: int = ROW_GROUP
    ) -> int:
        """One file of all parts, in their order or that of a column; returns the number of rows."""
        self.settled()
        files = sorted(parts.glob("part-*.parquet"))
        if len(files) == 1:
            with pq.ParquetFile(files[0]) as file:
                rows = int(file.metadata.num_rows)
            settle(files[0], path)
            return rows
        whole = self.connection.read_parquet([str(file) for file in files])
        ordered = whole.order_by(order_by) if order_by else whole
        return self.write(ordered, path, group=group).result()


def part(folder: Path, number: int) -> Path:
    """The file of one shard's output."""
    return folder / f"part-{number:05}.parquet"


def in_shard(column: Any, number: int, shards: int) -> Any:
    """Whether the column's value belongs to a shard."""
    return shard_of(column, shards) == number


@contextmanager
def engine_open(*, threads: int, memory_mib: int, spill: Path) -> Iterator[Engine]:
    """DuckDB with these many threads, that spills to `spill` above `memory_mib`.

    Amounts that overflow 64 bits, and other things the engine cannot work out, raise InputError.
    """
    # DuckDB undoes nested selects itself; to fuse them here takes a quarter of a second a night.
    ibis.options.sql.fuse_selects = False
    connection = ibis.duckdb.connect(
        threads=threads,
        memory_limit=f"{memory_mib}MiB",
        temp_directory=str(spill),
        preserve_insertion_order=True,
    )
    worker = ThreadPoolExecutor(1)
    try:
        connection.raw_sql(MACROS)
        connection.raw_sql(SETTINGS)
        yield Engine(connection, worker)
    except duckdb.OutOfMemoryException as error:
        raise InputError(
            f"The engine needs more than {memory_mib} MiB: {str(error).splitlines()[0][:200]}",
            code="MORE_MEMORY",
            hint="Give it more with --memory, or fewer --threads.",
            where=Where(field="--memory"),
        ) from error
    except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
        raise InputError(
            f"An amount or rate in the book is too large to work with: {str(error)[:200]}",
            code="AMOUNT_TOO_LARGE",
            hint="Amounts, with interest, must stay below 9,000,000,000,000,000,000 minor units.",
        ) from error
    finally:
        connection.con.interrupt()
        worker.shutdown(cancel_futures=True)
        connection.disconnect()
