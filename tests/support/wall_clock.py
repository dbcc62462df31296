"""A wall clock that a test sets back and forth, for one process and what it starts."""

import atexit
import mmap
import pathlib
import shutil
import struct
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent


class WallClock:
    """`env` goes to the process; `jump` moves its clock while it runs."""

    def __init__(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="spm-clock-"))
        atexit.register(shutil.rmtree, folder, True)
        library, file = folder / "wall_clock.so", folder / "offset"
        subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", str(library),
                        str(HERE / "wall_clock.c"), "-ldl"], check=True)
        file.write_bytes(bytes(8))
        with open(file, "r+b") as opened:
            self._page = mmap.mmap(opened.fileno(), 8)
        self.env = {"LD_PRELOAD": str(library), "WALL_CLOCK_FILE": str(file)}
        self.offset_us = 0

    def set(self, offset_us):
        self.offset_us = offset_us
        self._page[:] = struct.pack("<q", offset_us)

    def jump(self, seconds):
        self.set(self.offset_us + seconds * 1_000_000)

    def now_us(self):
        return time.time_ns() // 1000 + self.offset_us
