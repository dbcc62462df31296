"""The figures of the sales data set, computed from its CSV files with integers and fractions.

Written from the definitions of the metrics alone and without a line of the suite: what both say is
right. A query goes over the deals, not over events or facts.
"""

import bisect
import collections
import csv
import datetime
import functools
from fractions import Fraction

DIMENSIONS = ["rep", "manager", "team", "region", "product", "product_line", "customer", "sector",
              "country", "source", "stage"]
PERIODS = ["day", "week", "month", "quarter", "year"]

FLOW = ["won", "lost", "closed", "win_rate", "revenue", "average_deal_size", "list_value",
        "discount_rate", "cycle_days", "cycle_days_median", "new_customers"]
STOCK = ["open", "pipeline_value"]
MONEY = {"revenue", "average_deal_size", "list_value", "pipeline_value"}

# Stages in order; a deal goes on from one to the next. Lost is not among them.
ORDER = ["Prospecting", "Engaging", "Won"]
# The day given to the rows without any date.
EXPORT_DAY = datetime.date(2017, 12, 31)
SPELLING = {"GTXPro": "GTX Pro", "technolgy": "technology", "Philipines": "Philippines"}

Deal = collections.namedtuple(
    "Deal", "id rep manager team region product product_line customer sector country source "
    "opened closed kind amount list_price entered")


def day(text):
    return datetime.date.fromisoformat(text)


@functools.lru_cache(maxsize=None)
def bucket(period, date):
    """Name of the period that a date is in."""
    if period == "day":
        return date.isoformat()
    if period == "week":
        year, week, _ = date.isocalendar()
        return f"{year}-W{week:02d}"
    if period == "month":
        return f"{date.year}-{date.month:02d}"
    if period == "quarter":
        return f"{date.year}-Q{(date.month + 2) // 3}"
    return f"{date.year}"


def days(start, end):
    return [start + datetime.timedelta(n) for n in range((end - start).days + 1)]


def rows(folder, name):
    with open(folder / name, newline="", encoding="utf-8-sig") as file:
        return [{k: SPELLING.get(v, v) for k, v in row.items()} for row in csv.DictReader(file)]


class Reference:
    def __init__(self, folder):
        teams = {r["sales_agent"]: r for r in rows(folder, "sales_teams.csv")}
        products = {r["product"]: r for r in rows(folder, "products.csv")}
        accounts = {r["account"]: r for r in rows(folder, "accounts.csv")}
        self.people = list(teams)
        self.deals = [self._deal(r, teams, products, accounts)
                      for r in rows(folder, "sales_pipeline.csv")]
        self.first_win = {}
        for deal in sorted((d for d in self.deals if d.kind == "Won"),
                           key=lambda d: (d.closed, d.id)):
            if deal.customer is not None:
                self.first_win.setdefault(deal.customer, deal)

    @staticmethod
    def _deal(row, teams, products, accounts):
        rep, product = row["sales_agent"], row["product"]
        account = row["account"] or None
        kind = row["deal_stage"]
        opened = day(row["engage_date"]) if row["engage_date"] else EXPORT_DAY
        closed = day(row["close_date"]) if row["close_date"] else None
        entered = [("Prospecting", opened)]
        if kind != "Prospecting":
            entered.append(("Engaging", opened))
        if closed is not None:
            entered.append((kind, closed))
        return Deal(
            id=row["opportunity_id"], rep=rep, manager=teams[rep]["manager"],
            team=teams[rep]["manager"], region=teams[rep]["regional_office"], product=product,
            product_line=products[product]["series"], customer=account,
            sector=accounts[account]["sector"] if account else None,
            country=accounts[account]["office_location"] if account else None, source=None,
            opened=opened, closed=closed, kind=kind,
            amount=int(row["close_value"]) if row["close_value"] else None,
            list_price=int(products[product]["sales_price"]), entered=entered)

    def deals_where(self, filters):
        return [d for d in self.deals
                if all(getattr(d, dim) in values for dim, values in filters.items())]

    # Queries. Each answers {key: {metric: int | Fraction | None}}; a key has a value for each group.

    def query(self, metrics, group_by=(), start=day("2017-01-01"), end=day("2017-12-31"),
              filters=None):
        """All the metrics asked for by the groups, present rows only."""
        filters = dict(filters or {})
        cells = collections.defaultdict(lambda: collections.defaultdict(int))
        wanted = set(metrics)
        stage = filters.pop("stage", None)
        deals = self.deals_where(filters)
        if wanted & set(FLOW) or wanted & {"growth_mom", "growth_yoy", "attainment"}:
            self._flow(cells, deals, group_by, start, end)
        if wanted & set(STOCK):
            self._stock(cells, deals, group_by, start, end, stage)
        if wanted & {"stage_entered", "stage_conversion"}:
            self._stages(cells, deals, group_by, start, end, stage)
        if wanted & {"growth_mom", "growth_yoy"}:
            self._growth(cells, deals, group_by, start, end, wanted)
        out = {}
        for key, cell in cells.items():
            values = {m: value(m, cell) for m in metrics}
            if any(values.values()) or any(v for k, v in cell.items() if uses(wanted, k)):
                out[key] = values
        return out

    def _flow(self, cells, deals, group_by, start, end):
        for deal in deals:
            if deal.closed is None or not start <= deal.closed <= end:
                continue
            cell = cells[key_of(deal, group_by, deal.closed, deal.kind)]
            if deal.kind == "Lost":
                cell["lost"] += 1
                continue
            cell["won"] += 1
            cell["revenue"] += deal.amount
            cell["list"] += deal.list_price
            length = (deal.closed - deal.opened).days
            cell["cycle"] += length
            cell.setdefault("cycles", []).append(length)
            if self.first_win.get(deal.customer) is deal:
                cell["new_customers"] += 1

    @staticmethod
    def _stock(cells, deals, group_by, start, end, stages):
        moments = as_of_days(group_by, start, end)
        for deal in deals:
            stage = "Engaging" if len(deal.entered) > 1 else "Prospecting"
            if stages is not None and stage not in stages:
                continue
            first = bisect.bisect_left(moments, deal.opened)
            beyond = len(moments) if deal.closed is None else bisect.bisect_left(moments, deal.closed)
            for moment in moments[first:beyond]:
                cell = cells[key_of(deal, group_by, moment, stage)]
                cell["open"] += 1
                # What was agreed is known on the day of closing; before it, the list price.
                cell["pipeline_value"] += deal.list_price

    @staticmethod
    def _stages(cells, deals, group_by, start, end, stages):
        for deal in deals:
            been = {stage for stage, _ in deal.entered}
            for stage, entered in deal.entered:
                if not start <= entered <= end or (stages is not None and stage not in stages):
                    continue
                cell = cells[key_of(deal, group_by, entered, stage)]
                cell["stage_entered"] += 1
                if stage in ORDER[:-1]:
                    cell["stage_cohort"] += 1
                    cell["stage_went_on"] += ORDER[ORDER.index(stage) + 1] in been

    def _growth(self, cells, deals, group_by, start, end, wanted):
        """Revenue of the bucket before, and of the one a year before."""
        period = next((g for g in group_by if g in PERIODS), None)
        if period is None:
            months = (end.year - start.year) * 12 + end.month - start.month + 1
            shifts = {"mom": months, "yoy": 12}
        else:
            shifts = {"mom": {"month": 1, "quarter": 3, "year": 12}[period], "yoy": 12}
        for name, shift in shifts.items():
            if f"growth_{name}" not in wanted:
                continue
            for deal in deals:
                if deal.kind != "Won":
                    continue
                # The first of the month stands for it: every period here is whole months.
                counts_on = add_months(deal.closed.replace(day=1), shift)
                if start <= counts_on <= end:
                    cells[key_of(deal, group_by, counts_on, "Won")]["base_" + name] += deal.amount

    # Figures outside the metric query.

    def leaderboard(self, start, end):
        """[(name, revenue, won)], revenue descending, then name; those without facts left out."""
        cells = self.query(["revenue", "won", "lost"], ["rep"], start, end)
        board = [(key[0], c["revenue"], c["won"]) for key, c in cells.items()]
        return sorted(board, key=lambda row: (-row[1], row[0]))

    def stale(self, limit, as_of):
        """External ids of the deals that are in Engaging for longer than `limit` days."""
        return {d.id for d in self.deals
                if d.kind == "Engaging" and (as_of - d.opened).days > limit}

    def abc(self):
        """Accounts of the classes A, B and C."""
        revenue = collections.Counter()
        for deal in self.deals:
            if deal.kind == "Won":
                revenue[deal.customer] += deal.amount
        total, running, classes = sum(revenue.values()), 0, collections.Counter()
        for _, amount in sorted(revenue.items(), key=lambda item: (-item[1], item[0])):
            running += amount
            share = Fraction(running, total)
            classes["A" if share <= Fraction(80, 100) else
                    "B" if share <= Fraction(95, 100) else "C"] += 1
        return classes["A"], classes["B"], classes["C"]


def add_months(date, months):
    month = date.month - 1 + months
    return date.replace(year=date.year + month // 12, month=month % 12 + 1)


def key_of(deal, group_by, date, stage):
    return tuple(bucket(g, date) if g in PERIODS else stage if g == "stage" else getattr(deal, g)
                 for g in group_by)


def as_of_days(group_by, start, end):
    """The last day of each bucket, or of the part of it that is in the range."""
    period = next((g for g in group_by if g in PERIODS), None)
    if period is None:
        return [end]
    last = {}
    for date in days(start, end):
        last[bucket(period, date)] = date
    return list(last.values())


# Sums that a metric is made of: a row is present where one of them is not zero.
PARTS = {"won": ["won"], "lost": ["lost"], "closed": ["won", "lost"], "win_rate": ["won", "lost"],
         "revenue": ["revenue"], "average_deal_size": ["revenue", "won"], "list_value": ["list"],
         "discount_rate": ["revenue", "list"], "cycle_days": ["cycle", "won"],
         "cycle_days_median": ["won"], "new_customers": ["new_customers"], "open": ["open"],
         "pipeline_value": ["pipeline_value"], "stage_entered": ["stage_entered"],
         "stage_conversion": ["stage_cohort"], "growth_mom": ["revenue", "base_mom"],
         "growth_yoy": ["revenue", "base_yoy"]}


def uses(metrics, part):
    return any(part in PARTS.get(m, ()) for m in metrics)


def ratio(top, bottom):
    return Fraction(top, bottom) if bottom else None


def median(values):
    if not values:
        return None
    values = sorted(values)
    middle = len(values) // 2
    if len(values) % 2:
        return Fraction(values[middle])
    return Fraction(values[middle - 1] + values[middle], 2)


def value(metric, cell):
    if metric == "closed":
        return cell["won"] + cell["lost"]
    if metric == "win_rate":
        return ratio(cell["won"], cell["won"] + cell["lost"])
    if metric == "average_deal_size":
        return ratio(cell["revenue"], cell["won"])
    if metric == "list_value":
        return cell["list"]
    if metric == "discount_rate":
        return None if not cell["list"] else 1 - Fraction(cell["revenue"], cell["list"])
    if metric == "cycle_days":
        return ratio(cell["cycle"], cell["won"])
    if metric == "cycle_days_median":
        return median(cell.get("cycles"))
    if metric == "stage_conversion":
        return ratio(cell["stage_went_on"], cell["stage_cohort"])
    if metric in ("growth_mom", "growth_yoy"):
        base = cell["base_" + metric[7:]]
        return None if not base else Fraction(cell["revenue"] - base, base)
    return cell[metric]
