"""Asks the embedded broker, in each version, what RabbitMQ was asked, and compares the answers row by row.

    run.py --scripts FOLDER --out FOLDER [--like 4.0]... [--node COMMAND] [--groups abcdefgh] [--only REGEX]

SCRIPTS is the folder of the questions and of RabbitMQ's recorded answers. Each group, or part of a long one, has a broker
of its own, started by broker-ctl; a few run at once, since they mostly wait. A row that is different is asked once more,
alone. The rows in known-VERSION may differ, each for the reason given there; one that differs no more fails as well.

With --node, the same scripts ask a real RabbitMQ too, which that command starts (COMMAND DIR PORT VERB); the answers of the
embedded broker in that version must then also be those that RabbitMQ gives here and now.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import random
import re
import socket
import subprocess
import sys
import threading
import time

import verdict

HERE = pathlib.Path(__file__).resolve().parent
VERSIONS = {"3.10": "3.10.8", "4.0": "4.0.5", "4.3": "4.3.6"}
# The parts of a group that run side by side, longest first.
PARTS = [
    ("e", "^E5"),
    ("e", "^E7"),
    ("c", "^C(?!1[1234])"),
    ("e", "^E(2|6)"),
    ("c", "^C1[123]"),
    ("g", "^G[1-6]([^0-9]|$)"),
    ("e", "^E(1|3|4)"),
    ("g", "^G([789]|1[0-9])"),
    ("a", ""),
    ("d", ""),
    ("f", ""),
    ("c", "^C14"),
    ("b", ""),
    ("h", ""),
]


class Subject:
    """A broker that is asked: the embedded one in a version, or RabbitMQ."""

    def __init__(self, name, like, control):
        self.name, self.like, self.control = name, like, control
        self.cases = collections.defaultdict(dict)
        self.version = None


given = set()
giving = threading.Lock()


def free_port():
    """A port below those that the system gives to clients, free as are the two after it, and never given before: its
    broker may just be down."""
    while True:
        port = random.randrange(21000, 31000, 5)
        with giving:
            if port in given:
                continue
            given.add(port)
        try:
            for number in range(port, port + 3):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", number))
            return port
        except OSError:
            continue


def control_of(subject, folder, port):
    if subject.control:
        return [*subject.control, str(folder), str(port)]
    return [str(HERE / "broker-ctl"), str(folder), str(port), subject.like]


def wait_for(asking, answers, name):
    """Until it ends. Its answers are written last of all; a publisher of its own that is stuck may keep it from ending."""
    end = time.monotonic() + 900
    while asking.poll() is None:
        if time.monotonic() > end:
            asking.kill()
            raise RuntimeError(f"{name} did not finish within 900 s")
        if answers.exists():
            try:
                asking.wait(20)
            except subprocess.TimeoutExpired:
                print(f"   {name} had answered all and did not end; it was killed", flush=True)
                asking.kill()
        time.sleep(0.2)


def ask(options, subject, group, only):
    """One part of a group, on a broker of its own."""
    name = f"{subject.name}-{group}-{threading.get_ident() % 10**6}-{time.monotonic_ns() % 10**9}"
    folder, port = pathlib.Path(options.out).resolve() / name, free_port()
    folder.mkdir(parents=True)
    # Else a nearly full disk blocks publishers, and each row waits until it gives up.
    (folder / "extra.conf").write_text("disk_free_limit.absolute = 1MB\n")
    control = control_of(subject, folder, port)
    script = next(pathlib.Path(options.scripts).glob(f"{group}_*.py")).resolve()
    answers, began = folder / "answers.json", time.monotonic()
    environment = os.environ | {
        "AMQP_URL": f"amqp://guest:guest@127.0.0.1:{port}/%2f",
        "BROKER_CTL": " ".join(control),
        "NOTES": str(folder),
    }
    try:
        started = subprocess.run([*control, "start"], capture_output=True, text=True)
        if started.returncode:
            raise RuntimeError(f"{name} did not start: {started.stdout}{started.stderr}")
        with open(folder / "asked", "w") as log:
            command = [sys.executable, "-B", str(script), "--repeat", str(options.repeat), "--out", str(answers)]
            asking = subprocess.Popen([*command, "--only", only], cwd=script.parent, env=environment, stderr=log)
            wait_for(asking, answers, name)
    finally:
        subprocess.run([*control, "end"], capture_output=True)
    if not answers.exists():
        raise RuntimeError(f"{name} did not finish: {(folder / 'asked').read_text()[-400:]}")
    found = json.loads(answers.read_text())
    if "error" in found["broker"]:
        raise RuntimeError(f"{name}: no broker answers: {found['broker']['error']}")
    subject.version = found["broker"]["version"]
    subject.cases[group].update(found["cases"])
    print(f"   {subject.name:9} {group} {only:18} {len(found['cases']):3} rows {time.monotonic() - began:4.0f} s", flush=True)


def ask_all(options, subjects):
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        parts = [(group, only) for group, only in PARTS if group in options.groups]
        if options.only:
            parts = [(group, options.only) for group in dict(parts)]
        running = [pool.submit(ask, options, s, group, only) for group, only in parts for s in subjects]
        for task in running:
            task.result()


def judge(options, subjects):
    """Each subject's rows against what was recorded and, where RabbitMQ was asked too, against what it said now."""
    live = next((s for s in subjects if s.control), None)
    for subject in subjects:
        recorded = verdict.recorded(options.scripts)
        version = VERSIONS[subject.like]
        known = verdict.known(HERE / f"known-{subject.like}") if not subject.control else {}
        rows = verdict.against_records(subject.cases, recorded, version, known)
        yield subject, f"{subject.name} against RabbitMQ {version} as recorded", version, rows
        if live and not subject.control and live.like == subject.like:
            rows = verdict.side_by_side(subject.cases, live.cases, recorded, version, known)
            yield subject, f"{subject.name} against RabbitMQ {live.version} here and now", "here and now", rows


def ask_again(options, subjects):
    """The rows that are different, each once more and alone: others may have taken its time."""
    different = {(s.name, row.group, row.name) for s, _, _, rows in judge(options, subjects) for row in rows if row.kind == "different"}
    live = next((s for s in subjects if s.control), None)
    if len(different) > options.again:
        return
    for name, group, row in sorted(different):
        subject = next(s for s in subjects if s.name == name)
        print(f"   {row} of {name} is different; once more, alone", flush=True)
        for one in {subject, live} - {None}:
            if one is subject or live.like == subject.like:
                ask(options, one, group, f"^{re.escape(row)}$")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scripts", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--like", action="append", choices=VERSIONS)
    parser.add_argument("--node", help="the command that starts a RabbitMQ of one's own")
    parser.add_argument("--groups", default="abcdefgh")
    parser.add_argument("--only", default="")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=8)
    parser.add_argument("--again", type=int, default=16, help="no row is asked once more if so many are different")
    options = parser.parse_args()
    likes = options.like or list(VERSIONS)
    subjects = [Subject(f"like-{like}", like, None) for like in likes]
    if options.node:
        # Absolute: the scripts call it from a folder of their own.
        program, *arguments = options.node.split()
        node = Subject("rabbitmq", "3.10", [str(pathlib.Path(program).resolve()), *arguments])
        subjects.insert(0, node)
    ask_all(options, subjects)
    if options.node:
        node.like = ".".join(node.version.split(".")[:2])
        if node.like not in VERSIONS:
            sys.exit(f"no answers are recorded of RabbitMQ {node.version}")
    ask_again(options, subjects)
    failed = False
    for subject, title, version, rows in judge(options, subjects):
        count = verdict.show(title, rows, version, strict=not subject.control)
        failed |= bool(count["different"] or count["not known"]) and not subject.control
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
