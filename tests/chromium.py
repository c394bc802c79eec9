"""A Chromium of one's own, driven by Selenium: what it shows, says, and asks of the network."""

from __future__ import annotations

import io
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

NAMES = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


def missing() -> str:
    """What of all that a browser's test needs is not installed, "" where nothing is."""
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "Selenium is not installed: pip install selenium"
    if not any(map(shutil.which, NAMES)):
        return "no Chromium is installed: apt-get install chromium"
    return "" if shutil.which("chromedriver") else "chromedriver is not installed: apt-get install chromium-driver"


class Browser:
    """A window of a fresh profile; it counts what pages ask for and complain of."""

    def __init__(self, profile: Path) -> None:
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service

        options = webdriver.ChromeOptions()
        options.binary_location = str(next(found for name in NAMES if (found := shutil.which(name))))
        for switch in (*SWITCHES, f"--user-data-dir={profile}"):
            options.add_argument(switch)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        self.command = self.driver.execute_cdp_cmd
        self.size(1280, 768)
        self.driver.get("about:blank")
        self.complaints()

    def size(self, width: int, height: int, ratio: float = 1.0) -> None:
        """Make the window so large, in pixels of pages, of which each is `ratio` of the screen's."""
        measures = {"width": width, "height": height, "deviceScaleFactor": ratio, "mobile": False}
        self.command("Emulation.setDeviceMetricsOverride", measures)

    def media(self, **features: str) -> None:
        """What people asked their system for, such as prefers_reduced_motion="reduce"."""
        told = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.command("Emulation.setEmulatedMedia", {"features": told})

    def open(self, page: Path, state: str = "") -> None:
        """Show a page from its beginning and wait until it is ready."""
        self.driver.get("about:blank")
        self.driver.get(page.as_uri() + state)
        self.until(lambda: self.ask("return document.documentElement.dataset.ready !== undefined"))

    def ask(self, script: str, *arguments: Any) -> Any:
        """What a function with this body answers in the page."""
        return self.driver.execute_script(script, *arguments)

    def until(self, holds: Callable[[], Any], seconds: float = 10.0) -> Any:
        """Wait until something holds, and say what it then is."""
        end = time.monotonic() + seconds
        while not (found := holds()):
            assert time.monotonic() < end, "what was waited for has not happened"
            time.sleep(0.02)
        return found

    def press(self, key: str) -> None:
        """Press and let go of a key, wherever the focus is."""
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver).send_keys(key).perform()

    def point(self, x: float, y: float, *, press: bool = False) -> None:
        """Move the pointer to a place of the window, and press it there."""
        for kind in ("mouseMoved", *(("mousePressed", "mouseReleased") if press else ())):
            told = {"type": kind, "x": x, "y": y, "button": "none" if kind == "mouseMoved" else "left", "clickCount": 1}
            self.command("Input.dispatchMouseEvent", told)

    def seen(self) -> np.ndarray:
        """The window, uint8[H, W, 3]."""
        return np.asarray(Image.open(io.BytesIO(self.driver.get_screenshot_as_png())).convert("RGB"))

    def complaints(self) -> list[str]:
        """What pages have complained of since, and what they have asked for besides the files opened here."""
        found = [entry["message"] for entry in self.driver.get_log("browser")]
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                address = message["params"]["request"]["url"]
                found += [] if address.startswith(("file:", "data:", "about:", "chrome")) else [address]
        return found
