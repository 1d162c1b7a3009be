"""Which set-up a test runs in, where it cannot run in both."""

import pytest

#: For tests that need a stand-in behind the gateway which the test can reach.
FOREIGN = pytest.mark.parametrize("wharf", ["foreign"], indirect=True)
