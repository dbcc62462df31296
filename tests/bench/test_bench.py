"""Every benchmark runs to its end in small sizes and leaves a result that the comparison reads.

What it measures then says nothing, so no figure is asserted.
"""

import json
import math
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
FIGURES = {"B13 ready", "B13 again", "B13 memory", "B3", "import", "figures", "B7 p50", "B7 p99",
           "query total", "query rep", "query rep month", "query stock day", "query one rep",
           "page weight", "page paint", "page figures", "B14 import", "B14 total", "B14 rep",
           "B14 rep month", "B14 stock day", "B14 one rep"}


def run(*command):
    return subprocess.run([sys.executable, *map(str, command)], capture_output=True, text=True,
                          timeout=280)


class Bench(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="spm-bench-")
        cls.result = pathlib.Path(cls.folder.name) / "result.json"
        cls.ran = run(HERE / "run", "--smoke", "--no-build", "--out", cls.result)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def report(self):
        return json.loads(self.result.read_text())

    def compare(self, results):
        other = pathlib.Path(self.folder.name) / "other.json"
        other.write_text(json.dumps({**self.report(), "results": results}))
        return run(HERE / "compare", self.result, other)

    def test_every_benchmark_ends_with_its_figures(self):
        self.assertEqual(self.ran.returncode, 0, self.ran.stdout + self.ran.stderr)
        report = self.report()
        self.assertTrue(report["smoke"])
        self.assertEqual(set(report["results"]), FIGURES)
        for name, result in report["results"].items():
            with self.subTest(name):
                self.assertIn(name, self.ran.stdout)
                self.assertIn(result["better"], ("more", "less"))
                for number in (result["value"], result["floor"], result["ratio"]):
                    self.assertTrue(number is None or math.isfinite(number) and number > 0, result)
                self.assertEqual(result["met"] is None, result["reach"] is None)

    def test_a_result_is_not_worse_than_itself(self):
        same = self.compare(self.report()["results"])
        self.assertEqual(same.returncode, 0, same.stdout)
        self.assertIn("nothing is worse", same.stdout)

    def test_what_got_worse_by_more_than_a_fifth_is_marked(self):
        results = self.report()["results"]
        for name, by in (("B3", 0.75), ("B7 p99", 1.25), ("import", 0.85), ("B13 memory", 1.15)):
            for key in ("value", "ratio"):
                if results[name][key] is not None:
                    results[name][key] *= by
        worse = self.compare(results)
        self.assertEqual(worse.returncode, 1, worse.stdout)
        marked = {line.split("  ")[0] for line in worse.stdout.splitlines() if "WORSE" in line}
        self.assertEqual(marked, {"B3", "B7 p99"})

    def test_what_is_no_result_is_refused(self):
        self.assertEqual(run(HERE / "compare", self.result, HERE / "README.md").returncode, 2)
        self.assertEqual(run(HERE / "run", "B99", "--no-build").returncode, 2)


if __name__ == "__main__":
    unittest.main()
