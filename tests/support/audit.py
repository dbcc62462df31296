"""Reads the databases of a stopped suite and checks what every journal promises."""

import collections
import sqlite3


def open_database(folder, service):
    return sqlite3.connect(f"file:{folder}/{service}.db?mode=ro", uri=True)


class Journal:
    """All events of one service: (seq, aggregate_id, version, type, occurred_us, request_id)."""

    def __init__(self, folder, service):
        self.service = service
        self.database = open_database(folder, service)
        self.events = self.database.execute(
            "SELECT seq, aggregate_id, version, type, occurred_us, request_id FROM journal "
            "ORDER BY seq").fetchall()
        self.last = {}
        for _, aggregate, version, *_ in self.events:
            self.last[aggregate] = max(version, self.last.get(aggregate, 0))

    def out_of_order(self):
        """Events that are not their aggregate's next version, or go back in time."""
        wrong, seen, times = 0, {}, {}
        for _, aggregate, version, _, occurred, _ in self.events:
            if version != seen.get(aggregate, 0) + 1 or occurred < times.get(aggregate, 0):
                wrong += 1
            seen[aggregate] = version
            times[aggregate] = max(occurred, times.get(aggregate, 0))
        return wrong

    def doubled(self, kinds):
        """Commands that had an event of these types more than once, and their surplus events."""
        count = collections.Counter(
            (request, type_) for _, _, _, type_, _, request in self.events
            if request and type_.rsplit(".", 1)[-1] in kinds)
        return sum(n - 1 for n in count.values())

    def versions(self):
        return {(aggregate, version): request
                for _, aggregate, version, _, _, request in self.events}

    def waiting(self):
        """Rows left in the outbox and held events."""
        one = self.database.execute("SELECT count(*) FROM outbox").fetchone()[0]
        two = self.database.execute("SELECT count(*) FROM held").fetchone()[0]
        return one, two

    def stale_rows(self):
        """Aggregates whose row is not at the version of their last event, over all tables that keep
        aggregates (id, version, body)."""
        wrong = rows = 0
        for (table,) in self.database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"):
            columns = {c[1] for c in self.database.execute(f"PRAGMA table_info({table})")}
            if not {"id", "version", "body"} <= columns:
                continue
            for id_, version in self.database.execute(f"SELECT id, version FROM {table}"):
                rows += 1
                wrong += self.last.get(id_) != version
        return wrong, rows


def behind(folder, consumer, journal):
    """Aggregates of a journal that the consumer has not followed to their last event."""
    marks = dict(open_database(folder, consumer).execute(
        "SELECT aggregate_id, version FROM consumed"))
    return sum(1 for aggregate, version in journal.last.items() if marks.get(aggregate) != version)


# Events by which a timer that was due shows, by the timer's kind.
FIRED = {"stall": "OpportunityStalled", "contact": "LeadFirstContactOverdue",
         "close": "OpportunityCloseOverdue"}


def timers(folder):
    """{(kind, key, due_us)} that are set in leads."""
    return set(open_database(folder, "leads").execute("SELECT kind, key, due_us FROM timer"))


def fired(folder, set_before):
    """How often each of these timers led to its event of the time when it was due."""
    count = collections.Counter(
        (type_.rsplit(".", 1)[-1], aggregate, at) for type_, aggregate, at in
        open_database(folder, "leads").execute("SELECT type, aggregate_id, occurred_us FROM journal"))
    return [count[FIRED[kind], key, due] for kind, key, due in set_before]
