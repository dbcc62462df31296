"""The independent computation gives the totals that are known of the data set."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import suite
from support.reference import Reference, day

EVER = (day("2016-01-01"), day("2017-12-31"))


class KnownTotals(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.reference = Reference(suite.sales_data())

    def one(self, *metrics, **kw):
        return self.reference.query(metrics, (), *EVER, **kw)[()]

    def test_counts(self):
        self.assertEqual(len(self.reference.deals), 8800)
        got = self.one("won", "lost", "open", "stage_entered")
        self.assertEqual((got["won"], got["lost"], got["open"]), (4238, 2473, 2089))
        stages = self.reference.query(["open"], ["stage"], *EVER)
        self.assertEqual({k[0]: v["open"] for k, v in stages.items()},
                         {"Engaging": 1589, "Prospecting": 500})

    def test_money_and_ratios(self):
        got = self.one("revenue", "win_rate", "cycle_days")
        self.assertEqual(got["revenue"], 10_005_534)
        self.assertEqual(round(float(got["win_rate"]), 6), 0.631501)
        self.assertEqual(round(float(got["cycle_days"]), 3), 51.782)

    def test_quarters_and_regions(self):
        by = self.reference.query(["revenue", "open"], ["quarter"])
        self.assertEqual([by[(f"2017-Q{n}",)]["revenue"] for n in (1, 2, 3, 4)],
                         [1_134_672, 3_086_111, 2_982_255, 2_802_496])
        self.assertEqual([by[(f"2017-Q{n}",)]["open"] for n in (1, 2, 3, 4)],
                         [1330, 1686, 2409, 2089])
        regions = self.reference.query(["revenue"], ["region"], *EVER)
        self.assertEqual({k[0]: v["revenue"] for k, v in regions.items()},
                         {"West": 3_568_647, "Central": 3_346_293, "East": 3_090_594})

    def test_stale(self):
        self.assertEqual([len(self.reference.stale(n, EVER[1])) for n in (7, 30, 90, 180)],
                         [1589, 1571, 1479, 730])

    def test_abc(self):
        self.assertEqual(self.reference.abc(), (58, 18, 9))

    def test_new_customers_are_each_account_once(self):
        self.assertEqual(self.one("new_customers")["new_customers"], 85)
        by = self.reference.query(["new_customers"], ["rep", "month"], *EVER)
        self.assertEqual(sum(c["new_customers"] for c in by.values()), 85)

    def test_groups_add_up(self):
        for group in ("rep", "team", "product", "customer", "sector", "country", "week", "day"):
            by = self.reference.query(["revenue", "won", "lost"], [group], *EVER)
            self.assertEqual(sum(c["revenue"] for c in by.values()), 10_005_534, group)
            self.assertEqual(sum(c["lost"] for c in by.values()), 2473, group)


if __name__ == "__main__":
    unittest.main(verbosity=2)
