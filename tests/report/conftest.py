"""What the tests of reports share."""

from tests.browser import browser

__all__ = ["browser"]
