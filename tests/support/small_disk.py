"""A disk of a few megabytes for one script: a tmpfs in a mount namespace of its own, else mounted
by root or by sudo. Where none of them is allowed the script fails and says why."""

import os
import pathlib
import subprocess
import sys
import tempfile

INSIDE = "SPM_TEST_SMALL_DISK"


def enter():
    """Runs the script anew in a mount namespace, where an ordinary user may mount."""
    if os.environ.get(INSIDE):
        return
    namespace = ["unshare", "--user", "--map-root-user", "--mount"]
    if os.geteuid() == 0:
        namespace = ["unshare", "--mount"]
    try:
        allowed = subprocess.run([*namespace, "mount", "-t", "tmpfs", "none", "/mnt"],
                                 capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        allowed = False
    if allowed:
        os.environ[INSIDE] = "namespace"
        os.execvp(namespace[0], [*namespace, sys.executable, *sys.argv])
    os.environ[INSIDE] = "root" if os.geteuid() == 0 else "sudo"


class SmallDisk:
    """The mounted folder, with a file that fills it."""

    def __init__(self, megabytes):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="spm-disk-"))
        self._sudo = ["sudo", "-n"] if os.environ[INSIDE] == "sudo" else []
        mounted = subprocess.run(
            [*self._sudo, "mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0777", "spm-test",
             str(self.path)], capture_output=True, text=True, check=False)
        if mounted.returncode != 0:
            raise PermissionError(
                "a small disk cannot be mounted, neither in a namespace of its own (unshare) nor by "
                f"mount{' with sudo' if self._sudo else ''}: {mounted.stderr.strip()}")
        self._filler = self.path / "filler"

    def free_bytes(self):
        state = os.statvfs(self.path)
        return state.f_bavail * state.f_frsize

    def fill(self):
        """Takes every byte that is left, and those that are freed meanwhile."""
        chunk = bytes(1 << 16)
        with open(self._filler, "ab", buffering=0) as file:
            while chunk:
                try:
                    file.write(chunk)
                except OSError:
                    chunk = chunk[:len(chunk) // 2]

    def free(self):
        self._filler.unlink(missing_ok=True)

    def unmount(self):
        subprocess.run([*self._sudo, "umount", "-l", str(self.path)], check=False,
                       capture_output=True)
        self.path.rmdir()
