"""The sales data set imported into a running suite, and its figures beside the reference's."""

import math
from fractions import Fraction

from support import suite
from support.reference import MONEY, PERIODS, day

MAPPING = suite.ROOT / "tests" / "data" / "crm-mapping.yaml"


def import_data(running, *args, check=0):
    return running.cli("import", MAPPING, suite.sales_data(), *args, check=check)


def ulps(got, want):
    """True where a double is the correctly rounded one of the fraction, or its neighbour."""
    near = float(want)
    return got in (near, math.nextafter(near, math.inf), math.nextafter(near, -math.inf))


class Imported:
    """Translates between the suite's ids and the names that the data set uses."""

    def __init__(self, running):
        self.suite = running
        people = running.pages("/v1/people", "people", include_inactive="true", page_size=1000)
        self.person = {p["name"]: p["id"] for p in people}
        name_of = {p["id"]: p["name"] for p in people}
        # A team is called after its manager in the reference, whatever the mapping calls it.
        self.team_manager = {}
        for person in people:
            if person.get("reporting") and person.get("memberships"):
                manager = name_of[person["reporting"][-1]["manager_id"]]
                self.team_manager[person["memberships"][-1]["unit_id"]] = manager

    def label(self, group, key):
        if key.get("id") is None:
            return None
        if group == "team":
            return self.team_manager.get(key["id"], key.get("name"))
        return key["id"] if group in PERIODS else key["name"]

    def figures(self, metrics, group_by=(), start="2017-01-01", end="2017-12-31", filters=None,
                as_=None):
        """{key: {metric: MetricValue}} with the data set's names."""
        answer = self.suite.query(metrics, group_by, start, end, filters, as_)
        out = {}
        for row in answer.get("rows", []):
            key = tuple(self.label(g, k) for g, k in zip(group_by, row.get("groups", [])))
            assert key not in out, f"two rows for {key}"
            out[key] = dict(zip(metrics, row["values"]))
        return out


def difference(metric, got, want):
    """What is wrong with a MetricValue, or None. Sums are exact, ratios within one ulp."""
    value = got.get("value")
    if want is None:
        if value is not None:
            return f"{metric}: {value}, expected null"
        return None if got.get("null_reason") else f"{metric}: null without a reason"
    if value is None:
        return f"{metric}: null ({got.get('null_reason')}), expected {float(want)}"
    if isinstance(want, Fraction):
        return None if ulps(value, want) else f"{metric}: {value!r}, expected {float(want)!r}"
    if value != want:
        return f"{metric}: {value!r}, expected {want}"
    if "exact" in got and int(got["exact"]) != want * (100 if metric in MONEY else 1):
        return f"{metric}: exact {got['exact']}, expected {want}"
    return None


def compare(test, imported, reference, metrics, group_by=(), start="2017-01-01", end="2017-12-31",
            filters=None):
    """Every row and every value of one query; returns the number of values compared."""
    want = reference.query(metrics, group_by, day(start), day(end), filters)
    got = imported.figures(metrics, group_by, start, end,
                           {d: ["" if v is None else v for v in values]
                            for d, values in (filters or {}).items()})
    where = f"{','.join(metrics)} by {','.join(group_by) or 'nothing'} {start}..{end} {filters or ''}"
    missing, extra = want.keys() - got.keys(), got.keys() - want.keys()
    if missing or extra:
        test.fail(f"{where}: missing {len(missing)} {sorted(missing, key=str)[:3]}, "
                  f"too many {len(extra)} {sorted(extra, key=str)[:3]}")
    wrong = [(key, text) for key, values in want.items() for metric in metrics
             if (text := difference(metric, got[key][metric], values[metric]))]
    if wrong:
        test.fail(f"{where}: {len(wrong)} wrong, first {wrong[:3]}")
    return len(want) * len(metrics)
