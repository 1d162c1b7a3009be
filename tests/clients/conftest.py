"""The two set-ups of the program, each started once and stopped whatever happens."""

import os
import shutil
import signal

import pytest

from harness import gateway, settings
from harness.canary import Register

SET_UPS = {"simulated": gateway.simulated, "foreign": gateway.foreign}


def pytest_configure(config):
    # A request to stop ends the run in order, so that every process is stopped as well.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Libraries keep files in the home folder of whoever runs them.
    os.environ["HOME"] = str(settings.PRIVATE / "home")


@pytest.fixture(scope="session")
def register() -> Register:
    """The secrets of this run. Output and state of an earlier run are removed first."""
    for folder in (settings.OUTPUT, settings.PRIVATE):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    return Register()


@pytest.fixture(scope="session", params=list(SET_UPS))
def wharf(request, register):
    """A running gateway; every test runs against each set-up."""
    running = SET_UPS[request.param](register)
    yield running
    running.stop()
