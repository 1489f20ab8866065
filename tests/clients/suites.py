"""Other clients' own integration tests, as their source distributions carry them, against any broker.

    suites.py URL [SUITE]...

Each suite is fetched as its source distribution into a temporary folder and run there, from its own source. A test that
fails, or fewer tests than there should be, is a failure; a suite's own retries are off.
"""
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import urllib.parse
import xml.etree.ElementTree

HELPERS = ["pytest==8.0.0", "python-dotenv==1.1.1", "vine==5.1.0", "pamqp==4.0.0"]
LIMIT_S = 300
# Distribution, what pytest is to run, how many tests that is.
SUITES = {
    "py-amqp": ("amqp==5.4.2", ["t/integration/test_rmq.py", "-k", "plain"], 12),
    "rabbitpy": ("rabbitpy==3.0.2", ["tests/test_integration.py", "tests/integration"], 40),
}


def pip(*arguments):
    subprocess.run([sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", *arguments], check=True)


def fetch(distribution, folder):
    """The unpacked source of a distribution."""
    pip("download", "--no-deps", "--no-binary", ":all:", "--dest", str(folder), distribution)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


def run(name, url, folder):
    """Whether all tests of a suite that should be there have passed."""
    distribution, tests, expected = SUITES[name]
    folder.mkdir()
    source, report = fetch(distribution, folder), folder / "report.xml"
    broker = urllib.parse.urlparse(url)
    environment = os.environ | {
        "RABBITMQ_URL": url,
        "RABBITMQ_HOST": broker.hostname,
        "RABBITMQ_5672_TCP": str(broker.port),
        "PYTHONPATH": str(source),
    }
    command = [sys.executable, "-B", "-m", "pytest", "-q", "--disable-warnings", "--show-capture=no"]
    command += ["-p", "no:cacheprovider", "-p", "no:rerunfailures", f"--junitxml={report}", *tests]
    ended = subprocess.run(command, cwd=source, env=environment, capture_output=True, text=True, timeout=LIMIT_S)
    if not report.exists():
        print(ended.stdout, ended.stderr)
        return False
    counts = xml.etree.ElementTree.parse(report).getroot().find("testsuite").attrib
    ran, bad = int(counts["tests"]), sum(int(counts[kind]) for kind in ("failures", "errors", "skipped"))
    passed = ran == expected and bad == 0
    print(f"{distribution}: {ran - bad} of {expected} tests passed, {float(counts['time']):.1f} s")
    if not passed:
        print(ended.stdout)
    return passed


def main(url, *names):
    pip("install", *HELPERS)
    with tempfile.TemporaryDirectory() as folder:
        # All of them, whatever the first one says.
        results = [run(name, url, pathlib.Path(folder, name)) for name in names or SUITES]
    sys.exit(not all(results))


if __name__ == "__main__":
    main(*sys.argv[1:])
