"""Whether a broker's answer to a question is RabbitMQ's."""
import collections
import dataclasses
import json
import pathlib

# What a broker says of itself besides what it is like.
OWN_PROPERTIES = {"cluster_name", "copyright", "information", "platform"}
# Rows that vary on RabbitMQ from run to run: what they vary in.
RACY = {
    "A2big.classic": "how long the first consumer is alone is a matter of speed: on RabbitMQ it gets about half of 20000 until "
    "the others are there, here mostly all; of 200000 each gets about a third here",
    "A9.notreading": "how much goes into a socket that nobody reads: 3800 or 3900 messages, on RabbitMQ too",
    "B7.global_noack_mixed": "two queues want the one place that an ack frees; on RabbitMQ either gets it",
}
KINDS = ["equal", "racy", "known", "different", "not known", "skipped"]


@dataclasses.dataclass
class Row:
    group: str
    name: str
    title: str
    kind: str  # one of KINDS
    here: list
    theirs: dict  # by version
    why: str = ""


def values(name, entry):
    """The different answers to one question, as texts; nothing if it was not asked."""
    if entry is None or "skipped" in entry:
        return []
    found = [entry["value"]] if entry["deterministic"] else [each["value"] for each in entry["variants"]]
    return list(dict.fromkeys(json.dumps(comparable(name, each), sort_keys=True) for each in found))


def comparable(name, answer):
    """An answer without what is the broker's own, and without what is chance."""
    if not isinstance(answer, dict) or "RAISED" in answer:
        return answer
    if name == "G1.start":
        return answer | {"props": {key: value for key, value in answer["props"].items() if key not in OWN_PROPERTIES}}
    if name == "G2.bad_protocol":
        # A `connection.start` is as long as its properties, and its length stands in its first octets.
        return {asked: ["connection.start", end] if start.startswith("01") else [start, size, end] for asked, (start, size, end) in answer.items()}
    if name.startswith("E5."):
        # Whether something was under way that nobody had confirmed when the broker was killed.
        return {key: value for key, value in answer.items() if key != "some_lost"}
    return answer


def recorded(scripts):
    """What RabbitMQ answered: group → version → question → entry."""
    groups = collections.defaultdict(dict)
    for path in sorted(pathlib.Path(scripts, "expected").glob("*.json")):
        name, _, version = path.stem.partition(".")
        groups[name[0]][version] = json.loads(path.read_text())["cases"]
    return groups


def known(path):
    """Rows that may differ, and why."""
    rows = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        if line.strip() and not line.startswith("#"):
            row, _, why = line.strip().partition(" ")
            if not why:
                raise SystemExit(f"{path}: {row} has no reason")
            rows[row] = why.strip()
    return rows


def kind_of(name, here, allowed, racy, reasons):
    if not here:
        return "skipped"
    if set(here) <= allowed:
        return "not known" if name in reasons and not racy else "equal"
    if racy and not any("RAISED" in each for each in here):
        return "racy"
    return "known" if name in reasons else "different"


def against_records(cases, records, version, reasons):
    rows = []
    for group in sorted(cases):
        questions = dict.fromkeys(q for answers in records[group].values() for q in answers)
        for name in questions:
            entries = {v: answers[name] for v, answers in records[group].items() if name in answers}
            theirs = {v: values(name, entry) for v, entry in entries.items()}
            racy = any(len(each) > 1 for each in theirs.values())
            here = values(name, cases[group].get(name))
            kind = kind_of(name, here, set(theirs.get(version, [])), racy, reasons)
            title = next(iter(entries.values()))["title"]
            rows.append(Row(group, name, title, kind, here, theirs, reasons.get(name) or RACY.get(name, "")))
    return rows


def side_by_side(cases, live, records, version, reasons):
    rows = []
    for group in sorted(cases):
        for name, entry in cases[group].items():
            here, theirs = values(name, entry), values(name, live[group].get(name))
            # What varies on RabbitMQ from run to run is no difference.
            racy = len(theirs) > 1 or any(len(values(name, each.get(name))) > 1 for each in records[group].values())
            kind = kind_of(name, here if theirs else [], set(theirs), racy, reasons)
            # That a known difference is none here is told once, by the records.
            kind = "equal" if kind == "not known" else kind
            rows.append(Row(group, name, entry["title"], kind, here, {"here and now": theirs}, reasons.get(name) or RACY.get(name, "")))
    return rows


def parts(text):
    """An answer's parts by name, if it has names."""
    answer = json.loads(text)
    return answer if isinstance(answer, dict) else {"": answer}


def show_difference(row, version):
    """What RabbitMQ says and what is said here; of answers in parts only those that differ."""
    theirs = row.theirs.get(version, [])
    if len(theirs) != 1 or len(row.here) != 1:
        print(f"      RabbitMQ {version}: " + " | ".join(theirs)[:900])
        print("      here: " + " | ".join(row.here)[:900])
        return
    expected, here = parts(theirs[0]), parts(row.here[0])
    for part in dict.fromkeys([*expected, *here]):
        if expected.get(part, "absent") != here.get(part, "absent"):
            print(f"      {part or 'answer'}")
            print(f"         RabbitMQ {version}: {json.dumps(expected.get(part, 'absent'))[:900]}")
            print(f"         here: {json.dumps(here.get(part, 'absent'))[:900]}")


def show(title, rows, version, strict):
    count = {kind: sum(row.kind == kind for row in rows) for kind in KINDS}
    print(f"\n{title}: {len(rows)} rows, " + ", ".join(f"{number} {kind}" for kind, number in count.items() if number))
    for row in rows:
        if row.kind in ("racy", "known") or (row.kind == "skipped" and strict):
            print(f"   {row.kind:9} {row.name}  {row.why}")
        elif row.kind == "not known":
            print(f"   no longer different: {row.name}: {row.why}")
        elif row.kind == "different":
            print(f"   different {row.name}  [{row.title}]")
            show_difference(row, version)
    return count
