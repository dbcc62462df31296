"""Gives a script the packages of tests/requirements.txt, in build/venv."""

import importlib.util
import os
import subprocess
import sys

from support.suite import ROOT


def enter():
    """Runs the script anew under build/venv where its packages are not at hand."""
    if importlib.util.find_spec("grpc_reflection"):
        return
    venv = ROOT / "build" / "venv"
    python = venv / "bin" / "python3"
    if sys.executable == str(python):
        raise ImportError(f"{venv} has not the packages of tests/requirements.txt: remove it")
    wanted = (ROOT / "tests" / "requirements.txt").read_text()
    stamp = venv / "requirements.txt"
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(venv)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet",
                        "--disable-pip-version-check", "-r", str(ROOT / "tests/requirements.txt")],
                       check=True)
        stamp.write_text(wanted)
    os.execv(str(python), [str(python), *sys.argv])
