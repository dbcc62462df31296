"""Assertions that the end-to-end tests share."""

import datetime

from support import suite


class refused:
    """`with refused(test, code, reason, field) as got:` expects an ApiError; got.error is it."""

    def __init__(self, test, code, reason=None, field=None):
        self.test, self.code, self.reason, self.field, self.error = test, code, reason, field, None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        if error is None:
            self.test.fail(f"not refused: expected {self.code} {self.reason or ''} {self.field or ''}")
        if not isinstance(error, suite.ApiError):
            return False
        self.error = error
        codes = self.code if isinstance(self.code, tuple) else (self.code,)
        self.test.assertIn(error.code, codes, str(error))
        if self.reason:
            self.test.assertEqual(error.reason, self.reason, str(error))
        if self.field:
            self.test.assertIn(self.field, error.violations, str(error))
            self.test.assertGreater(len(error.violations[self.field]), 5, "no remedy")
        return True


def micros(timestamp):
    """Microseconds since 1970 of an RFC 3339 text in UTC."""
    whole, _, fraction = timestamp.rstrip("Z").partition(".")
    seconds = datetime.datetime.fromisoformat(whole + "+00:00").timestamp()
    return int(seconds) * 1_000_000 + int((fraction + "000000")[:6])
