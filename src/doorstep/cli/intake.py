"""`doorstep intake`: a lender's files become trusted tables."""

from __future__ import annotations

import json

import typer

from doorstep.portfolio.schema import TABLES

app = typer.Typer(no_args_is_help=True, help="Take in a lender's files.")


@app.callback()
def intake() -> None:
    """Take in a lender's files."""


@app.command()
def schema(json_: bool = typer.Option(False, "--json", help="One JSON object a line.")) -> None:
    """Print every table and column of a book."""
    for table in TABLES.values():
        for column in table.columns:
            row = {
                "table": table.name,
                "column": column.name,
                "type": str(table.arrow().field(column.name).type),
                "required": column.required,
                "key": column.name in table.key,
                "codes": list(column.codes),
                "zh": column.zh,
                "en": column.en,
            }
            if json_:
                print(json.dumps(row, ensure_ascii=False))
            else:
                print(f"{table.name:16} {column.name:18} {row['type']:22} {column.zh}  {column.en}")
