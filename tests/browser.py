"""A headless Chromium, spoken to through a pair of pipes in its DevTools protocol."""

import base64
import itertools
import json
import os
import shutil
import subprocess
from contextlib import contextmanager

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chromium-browser"))), None)
OPTIONS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--remote-debugging-pipe",
]  # fmt: skip
KEYS = {"ArrowLeft": 37, "ArrowRight": 39, "Home": 36, "End": 35, "Enter": 13, "Tab": 9, "/": 191, " ": 32}


class Tab:
    """One page in a browser."""

    def __init__(self, to_browser, from_browser):
        self._to, self._from = to_browser, from_browser
        self._numbers = itertools.count(1)
        self._session = None
        self.events = []  # everything the browser has told without being asked
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method, **params):
        """Give an order and wait for its result."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._to.write(json.dumps(message).encode() + b"\0")
        self._to.flush()
        while True:
            answer = self._read()
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]
            self.events.append(answer)

    def open(self, url):
        """Load a page and wait for it."""
        self.call("Page.navigate", url=url)
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self._read())

    def evaluate(self, source):
        """Run JavaScript in the page; return what it comes to."""
        found = self.call("Runtime.evaluate", expression=source, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def press(self, key):
        """Press a key and let it go."""
        press = {"key": key, "windowsVirtualKeyCode": KEYS.get(key, 0)}
        text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **press, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", **press)

    def picture(self, path, width, height, dark=False):
        """Save what a person sees in a window of that size."""
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", features=scheme)
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))

    def _read(self):
        text = bytearray()
        while (byte := self._from.read(1)) != b"\0":
            assert byte, "the browser has ended"
            text += byte
        return json.loads(text)


@contextmanager
def browser(folder):
    """Start Chromium with a profile in a folder of its own; end it at the end."""
    read_order, write_order = os.pipe()
    read_answer, write_answer = os.pipe()
    command = f'exec "$0" "$@" 3<&{read_order} 4>&{write_answer}'
    process = subprocess.Popen(
        ["bash", "-c", command, PROGRAM, *OPTIONS, f"--user-data-dir={folder}", "about:blank"],
        pass_fds=(read_order, write_answer),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(read_order)
    os.close(write_answer)
    with os.fdopen(write_order, "wb") as to_browser, os.fdopen(read_answer, "rb") as from_browser:
        try:
            yield Tab(to_browser, from_browser)
        finally:
            process.terminate()
            process.wait()
