#!/usr/bin/env python3
"""Opens reports in headless Chromium: light and dark, on a desk and on a telephone, and printed; and counts what they ask for.

    DISPATCH_LAB_PAGES=DIR cargo test --lib report::     leaves pages in DIR
    tests/report_page.py DIR [OUT]                       opens them; pictures go to OUT

The browser has one proxy for everything, this program, which knows nothing but the pages. So each request that leaves a
page is seen here, whatever it is for and wherever it goes. What the browser asks for by itself is found by a page with
nothing in it, and a page that does ask for something shows that asking is noticed.

Exit status 0: no page asks for anything, and each picture shows something. Without Chromium: skipped, with the reason.
"""

import http.server
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.parse
import zlib

HOST = "report.test"
QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-extensions --disable-default-apps --hide-scrollbars"
).split()
EMPTY = "<!DOCTYPE html><html lang=en><title>nothing</title><p>nothing</p>"
ASKING = (
    "<!DOCTYPE html><html lang=en><title>asks</title><img src='http://elsewhere.test/dot.png'>"
    "<link rel=stylesheet href='style.css'><a href='http://linked.test/'>a link alone asks for nothing</a>"
)
SHOTS = [("desk", (1180, 2400), "light"), ("desk", (1180, 2400), "dark"), ("phone", (390, 2400), "light")]
SCHEMES = {"light": 1, "dark": 0}
# Whom Chromium asks by itself now and then; pages name none of them.
ITS_OWN = (".google.com", ".googleapis.com", ".gstatic.com", ".gvt1.com")


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        pass  # A browser that has seen enough hangs up.


class Proxy(http.server.BaseHTTPRequestHandler):
    pages, asked = {}, []

    def do_GET(self):
        Proxy.asked.append(self.path)
        page = Proxy.pages.get(self.path)
        self.send_response(200 if page else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page or b"")

    def do_CONNECT(self):
        Proxy.asked.append("https://" + self.path)
        self.close_connection = True

    do_HEAD = do_POST = do_OPTIONS = do_GET

    def log_message(self, *_):
        pass


def browse(chromium, port, name, *options):
    """What was asked for while that page was open, besides the page itself."""
    url = f"http://{HOST}/{name}"
    Proxy.asked.clear()
    with tempfile.TemporaryDirectory() as profile:
        command = [chromium, *QUIET, f"--user-data-dir={profile}", f"--proxy-server=127.0.0.1:{port}",
                   "--proxy-bypass-list=<-loopback>", "--virtual-time-budget=4000", *options, url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=90)
    if url not in Proxy.asked:
        sys.exit(f"Chromium did not open {url}:\n{done.stderr[-2000:]}")
    return [asked for asked in Proxy.asked if asked != url]


def host(request):
    return urllib.parse.urlsplit(request).hostname or ""


def colours(png):
    """How many different lines of pixels a picture has, and the brightness of its first pixel."""
    data, at, packed = png.read_bytes(), 8, b""
    width = int.from_bytes(data[16:20], "big")
    channels = {2: 3, 6: 4}[data[25]]
    while at < len(data):
        length, kind = int.from_bytes(data[at:at + 4], "big"), data[at + 4:at + 8]
        packed += data[at + 8:at + 8 + length] if kind == b"IDAT" else b""
        at += length + 12
    rows = zlib.decompress(packed)
    stride = width * channels + 1
    lines = {rows[n:n + stride] for n in range(0, len(rows), stride)}
    return len(lines), sum(rows[1:4]) // 3


def main(folder, out):
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not chromium:
        print("skipped: no Chromium here (chromium, chromium-browser, google-chrome)")
        return 0
    pages = sorted(pathlib.Path(folder).glob("*.html"))
    if not pages:
        sys.exit(f"no pages in {folder}")
    out.mkdir(parents=True, exist_ok=True)
    texts = {"empty": EMPTY.encode(), "asking": ASKING.encode(), **{page.stem: page.read_bytes() for page in pages}}
    Proxy.pages = {f"http://{HOST}/{name}": text for name, text in texts.items()}
    server = Server(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    shot = out / "nothing.png"
    own = sorted({host(asked) for asked in browse(chromium, port, "empty", f"--screenshot={shot}")} - {HOST})
    caught = browse(chromium, port, "asking", f"--screenshot={shot}")
    for wanted in ("http://elsewhere.test/dot.png", f"http://{HOST}/style.css"):
        if wanted not in caught:
            sys.exit(f"a request for {wanted} was not noticed: {caught}")
    shot.unlink(missing_ok=True)
    failed = 0
    for page in pages:
        asked = []
        for size, (width, height), scheme in SHOTS:
            shot = out / f"{page.stem}-{size}-{scheme}.png"
            asked += browse(chromium, port, page.stem, f"--screenshot={shot}", f"--window-size={width},{height}",
                            f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}")
            lines, ground = colours(shot)
            if lines < 100 or (ground < 128) != (scheme == "dark"):
                print(f"{shot.name}: {lines} different lines on a ground of {ground}")
                failed += 1
        paper = out / f"{page.stem}.pdf"
        asked += browse(chromium, port, page.stem, f"--print-to-pdf={paper}", "--no-pdf-header-footer")
        if not paper.read_bytes().startswith(b"%PDF"):
            print(f"{paper.name} is no PDF")
            failed += 1
        foreign = [request for request in asked if host(request) not in own and not host(request).endswith(ITS_OWN)]
        times = len(SHOTS) + 1
        print(f"{page.name}: {page.stat().st_size} bytes, opened {times} times, asked for besides: {foreign or 'nothing'}")
        failed += len(foreign)
    print(f"whom Chromium asks by itself, with nothing to show: {own or 'nobody'}; pictures in {out}")
    server.shutdown()
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as scratch:
        sys.exit(main(sys.argv[1], pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else scratch)))
