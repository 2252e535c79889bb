"""What a caseworker's phone makes of a page: Chromium at 320 px on the real server, its processor four times slower.
And how soon a coordinator can draw, at 1440 px on this machine as it is.
"""

import statistics
import threading
from collections.abc import Callable
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from web.app import App

SLOWER, ROUNDS, WIDTH, HEIGHT = 4, 7, 320, 700
# What the browser has seen since the page began: first paint, largest paint, how far things moved.
WATCH = """window.seen = {paint: 0, largest: 0, shift: 0};
const watch = (type, note) =>
  new PerformanceObserver(list => list.getEntries().forEach(note)).observe({type, buffered: true});
watch('paint', entry => { if (entry.name === 'first-contentful-paint') window.seen.paint = entry.startTime });
watch('largest-contentful-paint', entry => { window.seen.largest = entry.startTime });
watch('layout-shift', entry => { if (!entry.hadRecentInput) window.seen.shift += entry.value });"""
ASK = "() => ({...window.seen, loaded: performance.getEntriesByType('navigation')[0].loadEventEnd})"

# When the drawing table stands, counted from the press that opened it.
READY = """const look = () => {
  if (document.querySelector('[data-editor][data-ready]')) window.ready = performance.now();
  else requestAnimationFrame(look);
};
look();"""


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """Say nothing on the terminal."""


def measure(app: App, token: str, pages: dict[str, str]) -> dict[str, Any]:
    """Return for each page (name to path) the bytes with an empty cache, paints and load in milliseconds, the shift.

    `token` is the cookie of an open visit.
    """

    def look(chromium: Any, url: str) -> dict[str, Any]:
        found = {"screen": f"{WIDTH} px, processor {SLOWER} times slower, {ROUNDS} rounds"}
        for name, path in pages.items():
            found |= _page(chromium, url, token, name, path)
        return found

    return _drive(app, look)


def ready(app: App, token: str, path: str) -> dict[str, Any]:
    """Return after how many milliseconds a drawing table stands: with an empty cache, and warm (the median)."""

    def look(chromium: Any, url: str) -> dict[str, Any]:
        context = chromium.new_context(base_url=url, viewport={"width": 1440, "height": 900}, locale="it-IT")
        context.add_cookies([{"name": "approdo", "value": token, "url": url}])
        context.add_init_script(READY)
        page, times = context.new_page(), list[float]()
        for _ in range(ROUNDS + 1):
            page.goto(path)
            page.wait_for_selector("[data-editor][data-ready]")
            page.wait_for_timeout(50)  # two frames: the page notes the moment by itself
            times.append(page.evaluate("window.ready"))
            page.goto("about:blank")
        return {"modeller_cold_ms": round(times[0]), "modeller_ready_ms": round(statistics.median(times[1:]))}

    return _drive(app, look)


def _drive(app: App, look: Callable[[Any, str], dict[str, Any]]) -> dict[str, Any]:
    """What is found with Chromium on the running application; without Chromium or playwright the reason why nothing."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        return {"screen": "not measured: playwright is not installed (requirements/dev.txt)"}
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with sync_playwright() as player:
            chromium = player.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            found = look(chromium, f"http://127.0.0.1:{server.server_port}")
            chromium.close()
            return found
    except Error as problem:
        return {"screen": f"not measured: {problem.message.splitlines()[0]}"}
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _page(chromium: Any, url: str, token: str, name: str, path: str) -> dict[str, Any]:
    seen, weights = list[dict[str, float]](), list[float]()
    for _ in range(ROUNDS):
        context = chromium.new_context(base_url=url, viewport={"width": WIDTH, "height": HEIGHT}, locale="it-IT")
        context.add_cookies([{"name": "approdo", "value": token, "url": url}])
        context.add_init_script(WATCH)
        page = context.new_page()
        line = context.new_cdp_session(page)
        line.send("Network.enable")
        line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        arrived = list[float]()
        line.on("Network.loadingFinished", lambda event, arrived=arrived: arrived.append(event["encodedDataLength"]))
        reply = page.goto(path, wait_until="networkidle")
        if reply is None or reply.status != 200:
            raise RuntimeError(f"{path}: {reply.status if reply else 'nothing'}")
        seen.append(page.evaluate(ASK))
        weights.append(sum(arrived))
        context.close()
    middle = {key: statistics.median(one[key] for one in seen) for key in seen[0]}
    return {
        f"screen_{name}_bytes": int(max(weights)),
        f"screen_{name}_first_paint_ms": round(middle["paint"]),
        f"screen_{name}_largest_paint_ms": round(middle["largest"]),
        f"screen_{name}_loaded_ms": round(middle["loaded"]),
        f"screen_{name}_shift": max(round(one["shift"], 4) for one in seen),
    }
