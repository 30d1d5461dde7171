"""Debian's Chromium without a window, for the tests of pages."""

import contextlib
import json
import shutil
import tempfile
from pathlib import Path

import pytest
from selenium import webdriver

# `npm install --prefix build axe-core` puts it there.
AXE = Path(__file__).parents[1] / "build" / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update --disable-dev-shm-usage"
).split()

needs_chromium = pytest.mark.skipif(
    not (shutil.which("chromium") and shutil.which("chromedriver")),
    reason="needs Chromium: apt install chromium chromium-driver",
)
needs_axe = pytest.mark.skipif(not AXE.exists(), reason="npm install --prefix build axe-core")


@contextlib.contextmanager
def chromium(width=1280, height=900, dark=False):
    """A browser whose page is `width` pixels wide."""
    with tempfile.TemporaryDirectory() as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        service = webdriver.ChromeService(shutil.which("chromedriver"))
        driver = webdriver.Chrome(options=options, service=service)
        try:
            # A window cannot be as narrow as a phone; the page in it can.
            page = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", page)
            theme(driver, dark)
            yield driver
        finally:
            driver.quit()


def theme(driver, dark):
    """Prefers dark or light pages from now on."""
    feature = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


def requests(driver):
    """The addresses that the browser asked for since the last call."""
    messages = (json.loads(entry["message"])["message"] for entry in driver.get_log("performance"))
    return [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]


def errors(driver):
    """What the page wrote to the browser's console as an error since the last call."""
    return [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]


def violations(driver):
    """What axe-core finds wrong with the page: the rule and the first element of each violation."""
    driver.execute_script(AXE.read_text(encoding="utf-8"))
    found = driver.execute_async_script(
        "const done = arguments[arguments.length - 1];"
        "axe.run().then((result) => done(result.violations))"
    )
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in found]
