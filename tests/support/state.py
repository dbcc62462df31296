"""A hash over all that performance has derived: rows sorted by key, ids replaced by the labels that
other systems know the records by, without sequence numbers and recorded times."""

import hashlib
import re

from support.audit import open_database
from support.suite import until

# Table -> its columns that count. What is left out: seq, recorded_us, occurred_us, saved_us.
TABLES = {
    "fact": "event_id measure n count amount occurred_day posted_day rep_id customer_id product_id "
            "source pipeline stage deal_id deal_ref",
    "rollup": "rep_id day measure stage amount",
    "customer_copy": "id name sector country deleted",
    "product_copy": "id name line deleted",
    "product_ref": "ref product_id",
    "pipeline_copy": "kind stage version place name closed",
    "source_copy": "source",
    "target_plan": "id version year body",
    "target_revision": "plan_id version year effective_day body",
    "benchmark": "id version metric period source value published_day",
    "org_member": "id kind body",
    "org_closure": "ancestor descendant from_day to_day",
    "consumed": "aggregate_id version",
}
ID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def labels(running):
    """{id: label} of everything that has a key elsewhere, and of the units by their names."""
    out = {u["id"]: f"unit {u['name']}" for u in running.pages("/v1/units", "units", page_size=1000)}
    for service in ("org", "orders", "leads"):
        for kind, source, key, id_ in open_database(running.folder, service).execute(
                "SELECT kind, source, key, id FROM external_id"):
            out[id_] = f"{kind} {source}:{key}"
    return out


def holdings(running, label):
    """Labels of the aggregates that count what each person holds; their ids come from the person's."""
    events = open_database(running.folder, "leads").execute(
        "SELECT aggregate_id, payload FROM journal WHERE type = 'spm.leads.v1.HoldingChanged'")
    return {id_.encode(): b"holding of " + label[ID.search(payload).group(0)]
            for id_, payload in events}


def written(running):
    """Waits until the roll-ups in memory are in the database."""
    database = open_database(running.folder, "performance")

    def done():
        mark = database.execute("SELECT COALESCE(MAX(seq), 0) FROM rollup_mark").fetchone()[0]
        last = database.execute("SELECT COALESCE(MAX(seq), 0) FROM fact").fetchone()[0]
        return mark >= last
    until(done, 20, "writing of the roll-ups")
    return database


def state_rows(running, label=None):
    """{table: sorted rows} with labels in the place of ids."""
    running.settled(120)
    database = written(running)
    label = {k.encode(): v.encode() for k, v in {**labels(running), **(label or {})}.items()}
    label |= holdings(running, label)
    unknown = set()

    def replaced(match):
        id_ = match.group(0)
        # Ids of version 8 are derived from names (policies), so they are the same in every run.
        if id_ not in label and id_[14:15] != b"8":
            unknown.add(id_.decode())
        return label.get(id_, id_)

    out = {}
    for table, columns in TABLES.items():
        rows = database.execute(f"SELECT {', '.join(columns.split())} FROM {table}").fetchall()
        out[table] = sorted(
            tuple(str(v).encode() if isinstance(v, int) else
                  ID.sub(replaced, v if isinstance(v, bytes) else v.encode()) for v in row)
            for row in rows)
    if unknown:
        raise AssertionError(f"{len(unknown)} ids without a label: {sorted(unknown)[:5]}")
    return out


def state_hash(running, label=None):
    digest = hashlib.sha256()
    for table, rows in state_rows(running, label).items():
        digest.update(f"{table} {len(rows)}\n".encode())
        for row in rows:
            for value in row:
                digest.update(len(value).to_bytes(4, "big") + value)
    return digest.hexdigest()


def state_difference(one, two):
    """What differs between two of state_rows, for a message."""
    out = []
    for table in TABLES:
        a, b = set(one[table]), set(two[table])
        if one[table] != two[table]:
            out.append(f"{table}: {len(one[table])} and {len(two[table])} rows; only the first: "
                       f"{sorted(a - b)[:3]}; only the second: {sorted(b - a)[:3]}")
    return "\n".join(out)


def raw_hash(running):
    """The hash of the rows as they are, ids and all: of one suite at different times."""
    running.settled(120)
    database = written(running)
    digest = hashlib.sha256()
    for table, columns in TABLES.items():
        for row in sorted(map(repr, database.execute(
                f"SELECT {', '.join(columns.split())} FROM {table}"))):
            digest.update(f"{table} {row}\n".encode())
    return digest.hexdigest()
