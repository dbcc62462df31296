"""A violation of each kind is caught by tests/layers/check, and what is allowed passes."""

import importlib.machinery
import importlib.util
import pathlib
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
LOADER = importlib.machinery.SourceFileLoader("layers_check", str(HERE / "check"))
CHECK = importlib.util.module_from_spec(importlib.util.spec_from_loader("layers_check", LOADER))
LOADER.exec_module(CHECK)

ALLOWED = {
    "common/rpc/server.cc": "#include <grpcpp/grpcpp.h>",
    "common/http/server.cc": "#include <boost/beast.hpp>",
    "common/org/directory.h": '#include "spm/org/v1/org.pb.h"',
    "services/leads/rules/stage.cc":
        '#include <vector>\n#include "common/base/status.h"\n#include "services/leads/rules/stage.h"\n'
        '#include "spm/leads/v1/policy.pb.h"',
    "services/leads/lead_store.h": '#include "common/db/table.h"\n#include "spm/leads/v1/lead.pb.h"',
    "services/leads/lead_rpc.cc":
        '#include "common/write/call.h"\n#include "services/leads/lead_store.h"\n'
        '#include "services/leads/rules/stage.h"\n#include "spm/org/v1/org.pb.h"',
    "services/leads/service.cc": '#include "services/leads/lead_rpc.h"\n#include "common/app/spec.h"',
    "services/leads/schema/0001_lead.sql": "",
    "services/leads/README.md": "",
    "services/dashboard/gateway.cc": '#include "common/rpc/channel.h"',
    "services/dashboard/web/src/App.svelte": "",
    "services/suite/main.cc": '#include "services/leads/service.h"',
}

# A file, its line, and the words that the refusal must have.
REFUSED = [
    ("common/db/sqlite.cc", '#include "services/leads/service.h"', "common/ may not include services/"),
    ("common/app/run.cc", "#include <grpcpp/grpcpp.h>", "only common/rpc/"),
    ("common/rpc/server.cc", "#include <boost/beast.hpp>", "only common/http/"),
    ("common/rpc/server.cc", "#include <boost/asio.hpp>", "only common/http/"),
    ("services/leads/lead_rpc.cc", "#include <grpcpp/grpcpp.h>", "only common/rpc/"),
    ("services/leads/on_org.cc", '#include "services/orders/product_store.h"', "messages only"),
    ("services/leads/service.cc", '#include "services/orders/service.h"', "messages only"),
    ("services/suite/main.cc", '#include "services/orders/product_store.h"', "messages only"),
    ("services/leads/rules/stage.cc", '#include "common/db/tx.h"', "a rule sees"),
    ("services/leads/rules/stage.cc", '#include "services/leads/lead_store.h"', "a rule sees"),
    ("services/leads/rules/stage.cc", '#include "spm/orders/v1/product.pb.h"', "a rule sees"),
    ("services/leads/rules/stage.cc", "#include <sqlite3.h>", "a rule sees"),
    ("services/leads/lead_store.cc", '#include "common/write/call.h"', "a store sees"),
    ("services/leads/lead_store.cc", '#include "services/leads/rules/stage.h"', "a store sees"),
    ("services/leads/lead_store.cc", '#include "spm/org/v1/org.pb.h"', "a store sees"),
    ("services/leads/lead_rpc.cc", '#include "services/leads/service.h"', "does not know it"),
    ("services/leads/helpers.cc", "", "no file of a service"),
    ("services/leads/rules/Stage.h", "", "no file of a service"),
    ("services/leads/schema/lead.sql", "", "no file of a service"),
]


def found_in(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
        return CHECK.violations(folder)


class Layers(unittest.TestCase):
    def test_what_the_table_allows_passes(self):
        self.assertEqual(found_in(ALLOWED), [])

    def test_each_violation_is_named_with_file_and_line(self):
        for name, line, words in REFUSED:
            with self.subTest(name=name, line=line):
                found = found_in({**ALLOWED, name: "// first line\n" + line})
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith(f"{name}:{2 if line else 1}: "), found)
                self.assertIn(words, found[0])


if __name__ == "__main__":
    unittest.main(verbosity=2)
