"""What is wrong around the suite (config, ports, folders, databases) stops it at once with an error
that names the place and the remedy, and leaves what is there as it is."""

import contextlib
import os
import pathlib
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import suite
from support.checks import refused
from support.company import Company

DATABASES = ("leads", "orders", "org", "performance")
MASTER = None


def setUpModule():
    """A folder with a company in it, whose copies the tests spoil."""
    global MASTER
    MASTER = tempfile.TemporaryDirectory(prefix="spm-test-")
    with suite.Suite(folder=MASTER.name) as running:
        company = Company(running)
        for n in range(60):
            company.lead(f"lead {n}", contact_name="x" * 150, email="y" * 200)
        for name in ("ann", "bob"):
            company.win(company.deal(owner_id=company.id[name], name=name), 100)
        running.settled()
        assert running.stop() == 0
        running.process = subprocess.Popen(["true"])


def tearDownModule():
    MASTER.cleanup()


def serve(folder, *args, env=None, user=None):
    """Runs `spm serve` that must not come up; (exit code, what it says)."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("SPM_") or k == "SPM_BIN"}
    result = subprocess.run([str(suite.binary()), "--data", str(folder), "serve", *map(str, args)],
                            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20,
                            env={**clean, **(env or {})}, user=user, cwd="/")
    return result.returncode, result.stdout + result.stderr


@contextlib.contextmanager
def copied():
    with tempfile.TemporaryDirectory(prefix="spm-test-") as folder:
        shutil.copytree(MASTER.name, folder, dirs_exist_ok=True)
        yield pathlib.Path(folder)


def contents(folder):
    return {path.name: path.read_bytes() for path in pathlib.Path(folder).glob("*")
            if path.is_file() and path.suffix in (".db", ".yaml")}


class Refused(unittest.TestCase):
    def said(self, answer, *words, code=(1, 2)):
        self.assertIn(answer[0], code, answer[1])
        for word in words:
            self.assertIn(word, answer[1])
        self.assertNotIn("terminate called", answer[1])


class ConfigFile(Refused):
    def answer(self, text):
        with tempfile.TemporaryDirectory(prefix="spm-test-") as folder:
            (pathlib.Path(folder) / "spm.yaml").write_text(text)
            return serve(folder)

    def check(self, text, *words):
        with tempfile.TemporaryDirectory(prefix="spm-test-") as folder:
            file = pathlib.Path(folder) / "spm.yaml"
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
            with self.subTest(text=text):
                self.said(serve(folder), str(file), *words, code=(2,))
                self.assertEqual([p.name for p in pathlib.Path(folder).iterdir()], ["spm.yaml"])

    def test_unknown_keys(self):
        self.check("prot: 8080\n", ":1:", "unknown key prot", "did you mean port?")
        self.check("# a comment\ncompany:\n  zoen: UTC\n", ":3:", "company.zoen", "company.zone")
        self.check("database_url: x\n", ":1:", "did you mean database?")

    def test_bad_values(self):
        self.check("port: many\n", ":1:", "port", "a port number from 0 to 65535")
        self.check("port: 65536\n", ":1:", "65536")
        self.check("port: 80.5\n", ":1:", "80.5")
        self.check("\nport: [1]\n", ":2:", "port expects a port number")
        self.check("demo: maybe\n", ":1:", "true or false")
        self.check("log:\n  level: loud\n", ":2:", "log.level", "debug, info, warn or error")
        self.check("log: debug\n", ":1:", "log expects keys below it")
        self.check("company:\n  currency: dollars\n", ":2:", "ISO 4217")
        self.check("company:\n  zone: Mars/Olympus\n", ":2:", "IANA")
        self.check("database: oracle\n", ":1:", "embedded")
        self.said(self.answer("port: 9000\ngrpc_port: 9000\n"), "grpc_port", "must differ")

    def test_what_is_no_yaml(self):
        self.check("port: [\n", "no YAML")
        self.check("- port\n", ":1:", "port: 8080")
        self.check("a: " + "[" * 4000 + "\n", "nested too deep")
        self.check(b"port: 1\0\n", ":1:")
        self.check("port: 1\nport: 2\n", ":2:", "port", "twice")

    def test_variables_and_flags(self):
        with tempfile.TemporaryDirectory(prefix="spm-test-") as folder:
            for name, value, words in (
                    ("SPM_PROT", "1", ("SPM_PROT", "did you mean SPM_PORT?")),
                    ("SPM_PORT", "x", ("SPM_PORT", "a port number")),
                    ("SPM_COMPANY_ZONE", "x", ("SPM_COMPANY_ZONE", "IANA")),
                    ("SPM_DEMO", "1", ("SPM_DEMO", "true or false"))):
                with self.subTest(name=name):
                    self.said(serve(folder, env={name: value}), *words, code=(2,))
            for args, words in ((["--port", "x"], ("--port",)), (["--port", "70000"], ("--port",)),
                                (["--prot", "1"], ("--prot",)),
                                (["--config", "/nowhere.yaml"], ("/nowhere.yaml", "no such file")),
                                (["extra"], ("extra",))):
                with self.subTest(args=args):
                    self.said(serve(folder, *args), *words, code=(2,))
            self.assertEqual(os.listdir(folder), [])

    def test_commands_say_so_too(self):
        with tempfile.TemporaryDirectory(prefix="spm-test-") as folder:
            (pathlib.Path(folder) / "spm.yaml").write_text("port: many\n")
            result = subprocess.run([str(suite.binary()), "--data", folder, "status"],
                                    capture_output=True, text=True, timeout=20)
            self.assertEqual(result.returncode, 2, result.stderr)
            self.assertIn("spm.yaml", result.stderr)


class PortsAndFolders(Refused):
    def test_a_port_in_use(self):
        for taken in (0, 1):  # HTTP, then gRPC.
            port = suite.free_port()
            with socket.socket() as listener, tempfile.TemporaryDirectory() as folder:
                listener.bind(("127.0.0.1", port + taken))
                listener.listen()
                with self.subTest(taken=taken):
                    self.said(serve(folder, "--port", port), str(port + taken), "in use",
                              "grpc_port" if taken else "--port")
                    self.assertEqual(os.listdir(folder), [], "the folder was touched")

    def test_two_suites_on_one_folder(self):
        with suite.Suite() as running:
            answer = serve(running.folder, "--port", suite.free_port())
            self.said(answer, "another spm", "runs on the folder", str(running.folder),
                      "--data")
            self.assertIn("id", running.command("/v1/leads", {"lead": {"name": "still here"}}))

    def test_folders(self):
        with tempfile.TemporaryDirectory(prefix="spm-test-") as folder:
            os.chmod(folder, 0o755)
            file = pathlib.Path(folder) / "file"
            file.write_text("x")
            self.said(serve(file), str(file), "--data")
            self.said(serve(file / "below"), str(file / "below"))
            closed = pathlib.Path(folder) / "closed"
            closed.mkdir(mode=0o555)
            nobody = 65534 if os.geteuid() == 0 else None
            self.said(serve(closed, user=nobody), str(closed), "--data")
            self.assertEqual(file.read_text(), "x")
            self.assertEqual(list(closed.iterdir()), [])


class Databases(Refused):
    def refuses(self, folder, *words):
        before = contents(folder)
        answer = serve(folder, "--port", suite.free_port())
        self.said(answer, *words, code=(1,))
        self.assertEqual(contents(folder), before, "what was there has changed")

    def test_of_a_newer_version(self):
        with copied() as folder:
            with sqlite3.connect(folder / "leads.db") as db:
                newest = db.execute("SELECT MAX(number) FROM migration").fetchone()[0]
                db.execute("INSERT INTO migration (number, name) VALUES (900, 'later')")
            db.close()
            answer = serve(folder, "--port", suite.free_port())
            self.said(answer, str(folder / "leads.db"), "schema 900", f"up to {newest}",
                      "newer binary", code=(1,))
            with contextlib.closing(sqlite3.connect(folder / "leads.db")) as db:
                db.execute("DELETE FROM migration WHERE number = 900")
                db.commit()
            with suite.Suite(folder=folder) as running:
                self.assertEqual(len(running.pages("/v1/leads", "leads")), 60)

    def test_damaged(self):
        def header(data):
            return b"\xee" * 100 + data[100:]

        def middle(data):
            pages = [data[n:n + 4096] for n in range(0, len(data), 4096)]
            for n in range(len(pages) // 3, 2 * len(pages) // 3):
                pages[n] = b"\xee" * 64 + pages[n][64:]
            return b"".join(pages)

        def truncated(data):
            return data[:len(data) // 2 // 4096 * 4096]

        def cut(data):
            return data[:-1000]

        for spoil in (header, middle, truncated, cut):
            for name in DATABASES if spoil is header else ("leads",):
                with copied() as folder, self.subTest(spoil=spoil.__name__, name=name):
                    file = folder / f"{name}.db"
                    file.write_bytes(spoil(file.read_bytes()))
                    self.refuses(folder, str(file), "damaged", "spm restore")

    def test_missing_or_emptied(self):
        for name in DATABASES:
            with copied() as folder, self.subTest(name=name):
                (folder / f"{name}.db").unlink()
                self.refuses(folder, str(folder / f"{name}.db"), "missing or empty", "spm restore")
                self.assertFalse((folder / f"{name}.db").exists(), "it was made anew")
        with copied() as folder:
            (folder / "leads.db").write_bytes(b"")
            self.refuses(folder, str(folder / "leads.db"), "missing or empty")
        with copied() as folder:  # As a version left it that kept no list.
            (folder / "databases").unlink()
            (folder / "org.db").unlink()
            self.refuses(folder, str(folder / "org.db"))

    def test_a_folder_in_a_databases_place(self):
        with copied() as folder:
            (folder / "leads.db").unlink()
            (folder / "leads.db").mkdir()
            answer = serve(folder, "--port", suite.free_port())
            self.said(answer, str(folder / "leads.db"), code=(1,))

    def test_damage_while_it_runs(self):
        with copied() as folder, suite.Suite(folder=folder) as running:
            lead = running.command("/v1/leads", {"lead": {"name": "before"}})
            running.settled()
            with contextlib.closing(sqlite3.connect(folder / "leads.db")) as db:
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            size = (folder / "leads.db").stat().st_size
            with open(folder / "leads.db", "r+b") as file:
                for at in range(4096, size, 4096):
                    file.seek(at)
                    file.write(b"\xee" * 4096)
            end = time.monotonic() + 10
            while time.monotonic() < end and running.raw("GET", "/readyz")[0] == 200:
                with contextlib.suppress(suite.ApiError):
                    running.get("/v1/leads", page_size=1000)
            status, _, text = running.raw("GET", "/readyz")
            self.assertEqual(status, 503)
            self.assertIn(str(folder / "leads.db"), text.decode())
            self.assertEqual(running.raw("GET", "/livez")[0], 200)
            with refused(self, "UNAVAILABLE", "DATABASE_DAMAGED") as got:
                running.command(f"/v1/leads/{lead['id']}:disqualify", {"reason": "x"})
            self.assertIn("spm restore", got.error.message)
            self.assertFalse(got.error.retry, "it does not pass by itself")
            # The other services go on.
            self.assertIn("units", running.get("/v1/units"))
            log = (folder / "log" / "spm.log").read_text()
            self.assertIn("database damaged", log)
            self.assertIsNone(running.process.poll())
            running.stop()


if __name__ == "__main__":
    unittest.main(verbosity=2)
