"""A page in headless Chromium, driven over the DevTools protocol.

Belongs here: opening a page, reading its text, waiting, clicking, taking a picture. Does not:
Dagster.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-port=0",
)  # fmt: skip


def find_chromium() -> str | None:
    """Return the path of a Chromium, or None."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Page:
    """One tab."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection, self._number = connection, 0

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result; events in between are passed over."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        self._connection.send(json.dumps(message))
        while True:
            answer = json.loads(self._connection.recv(timeout=60))
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return dict(answer["result"])

    def open(self, url: str, width: int = 1600, height: int = 1000) -> None:
        """Go to an address; the window has this size in pixels."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)  # fmt: skip
        self.send("Page.navigate", url=url)

    def run(self, script: str) -> Any:
        """Evaluate JavaScript and return its value."""
        result = self.send("Runtime.evaluate", expression=script, returnByValue=True)
        return result["result"].get("value")

    def text(self) -> str:
        """Return what a reader of the page sees."""
        return str(self.run("document.body ? document.body.innerText : ''"))

    def wait_for(self, *texts: str, seconds: float = 60) -> str:
        """Return the page's text as soon as it holds all of these."""
        deadline = time.monotonic() + seconds
        while True:
            shown = self.text()
            missing = [text for text in texts if text not in shown]
            if not missing:
                return shown
            if time.monotonic() > deadline:
                raise TimeoutError(f"The page does not show {missing}; it shows:\n{shown}")
            time.sleep(0.25)

    def wait_for_value(self, script: str, seconds: float = 60) -> Any:
        """Return the value of a script as soon as it is neither empty nor false."""
        deadline = time.monotonic() + seconds
        while not (value := self.run(script)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"Still nothing from {script}")
            time.sleep(0.25)
        return value

    def click(self, text: str) -> None:
        """Click the innermost visible element that shows exactly this text."""
        clicked = self.run(
            "(() => { const all = [...document.querySelectorAll('*')].filter("
            f"e => e.innerText && e.innerText.trim() === {json.dumps(text)});"
            "if (!all.length) return false; all[all.length - 1].click(); return true; })()"
        )
        if not clicked:
            raise LookupError(f"Nothing on the page says {text!r}; it shows:\n{self.text()}")

    def press(self, key: str, *, alt: bool = False) -> None:
        """Press and release a letter key."""
        for kind in ("keyDown", "keyUp"):
            self.send(
                "Input.dispatchKeyEvent", type=kind, key=key, code=f"Key{key.upper()}",
                windowsVirtualKeyCode=ord(key.upper()), modifiers=1 if alt else 0,
            )  # fmt: skip

    def picture(self, path: Path) -> None:
        """Save what the window shows as PNG, once it has not moved for a second."""
        before, data = "", self._shot()
        for _ in range(15):
            time.sleep(1)
            before, data = data, self._shot()
            if before == data:
                break
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(data))

    def _shot(self) -> str:
        return str(self.send("Page.captureScreenshot", format="png")["data"])


@contextmanager
def open_page(program: str, profile: Path) -> Iterator[Page]:
    """Start Chromium with an empty profile; stop it at the end of the block."""
    browser = subprocess.Popen(
        [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        port = _port_of(browser, profile)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=30) as answer:
            tabs = json.load(answer)
        address = next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page")
        with connect(address, max_size=None, proxy=None) as connection:
            yield Page(connection)
    finally:
        browser.terminate()
        try:
            browser.wait(15)
        except subprocess.TimeoutExpired:
            browser.kill()
            browser.wait()


def _port_of(browser: subprocess.Popen[bytes], profile: Path) -> int:
    """Return the port that Chromium chose, which it writes into its profile."""
    file = profile / "DevToolsActivePort"
    deadline = time.monotonic() + 60
    while not (file.is_file() and file.read_text().count("\n")):
        if browser.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("Chromium did not start.")
        time.sleep(0.1)
    return int(file.read_text().split("\n")[0])
