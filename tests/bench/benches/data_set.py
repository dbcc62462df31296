"""The sales data set in sizes: some of its deals, or copies of it under new keys."""

import contextlib
import csv
import pathlib
import shutil
import tempfile

from support import suite

# Columns whose values are keys of what is copied; everything else stays.
KEYS = {"sales_pipeline": ["opportunity_id", "sales_agent", "account"],
        "accounts": ["account", "subsidiary_of"],
        "sales_teams": ["sales_agent"]}


def read(name):
    with open(suite.sales_data() / f"{name}.csv", encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        return reader.fieldnames, list(reader)


def copied(rows, keys, copies):
    for n in range(copies):
        for row in rows:
            yield row if n == 0 else {**row, **{k: f"{row[k]} {n}" for k in keys if row[k]}}


@contextlib.contextmanager
def folder(copies=1, deals=None):
    """A folder with the files; (path, rows in it)."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="spm-data-"))
    try:
        total = 0
        for name in ("sales_pipeline", "accounts", "sales_teams", "products"):
            fields, rows = read(name)
            if name == "sales_pipeline":
                rows = rows[:deals]
            if name in KEYS:
                rows = list(copied(rows, KEYS[name], copies))
            with open(path / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, fields)
                writer.writeheader()
                writer.writerows(rows)
            total += len(rows)
        yield path, total
    finally:
        shutil.rmtree(path, ignore_errors=True)
