"""What every benchmark shares: its figures, the sizes of a run, and the programs beside it.

A benchmark is a module with one function, measure(size), that returns its figures. Each figure
stands beside a floor of the same run where there is one.
"""

import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests"))


@dataclasses.dataclass
class Size:
    """How much a run does."""
    rounds: int = 3
    leads: int = 60_000
    deals: int | None = None            # of the sales data set; None: all
    copies: tuple = (1, 4, 16)          # of the data set, for growth
    asked: int = 200                    # times each question is asked
    seconds: int = 15                   # of steady load
    starts: int = 5                     # of the binary, and of the page

    @classmethod
    def smoke(cls):
        return cls(rounds=1, leads=300, deals=150, copies=(1, 2), asked=5, seconds=2, starts=1)


@dataclasses.dataclass
class Figure:
    name: str
    work: str
    value: float
    unit: str
    better: str                         # "more" or "less"
    floor: float | None = None          # in the same unit
    reach: float | None = None          # by the ratio where `of_floor`, else by the value
    of_floor: bool = False
    more: dict = dataclasses.field(default_factory=dict)

    @property
    def ratio(self):
        return self.value / self.floor if self.floor else None

    @property
    def met(self):
        if self.reach is None:
            return None
        got = self.ratio if self.of_floor else self.value
        return got >= self.reach if self.better == "more" else got <= self.reach

    def to_json(self):
        return {**{k: v for k, v in dataclasses.asdict(self).items() if k != "name"},
                "ratio": self.ratio, "met": self.met}


def middle(figures, by=lambda f: f.ratio):
    """The round of the middle ratio, with every round's: machines are noisy."""
    ranked = sorted(figures, key=by)
    chosen = ranked[(len(ranked) - 1) // 2]
    chosen.more["rounds"] = [round(by(f), 3) for f in figures]
    return chosen


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values):
    return statistics.median(values)


def program(name):
    """Path of bench_<name>, from the folder of the binary that is measured."""
    folders = [pathlib.Path(os.environ["SPM_BIN"]).resolve().parent] if "SPM_BIN" in os.environ else []
    for folder in [*folders, ROOT / "build" / "release", ROOT / "build" / "dev"]:
        if (folder / f"bench_{name}").exists():
            return folder / f"bench_{name}"
    raise FileNotFoundError(f"bench_{name} is not built: leave out --no-build")


def measured(*command):
    """What a program of this folder prints, which is one JSON object."""
    return json.loads(subprocess.run([str(c) for c in command], check=True, stdout=subprocess.PIPE,
                                     text=True).stdout)


def floor_rows(database, rows_a_transaction, tables):
    """Seconds that the same rows take through sqlite3 alone, and rows of the leading table a second."""
    with tempfile.TemporaryDirectory(prefix="spm-floor-") as folder:
        return measured(program("floor_rows"), database, f"{folder}/floor.db", rows_a_transaction,
                        *tables)
