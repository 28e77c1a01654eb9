#!/usr/bin/env python3
"""The viewer over a store of a million samples: time to a page's first byte, bytes, memory, search.

view_bench.py AXIOMETER [FOLDER] [SAMPLES]

FOLDER: on the disk to measure; needs some 8 GB for 10^6 samples. The store is kept there as view_bench.db and used again.
One run of `crossroads` is made by the real program; the others are copies of it under ids of their own.
"""

import http.client
import itertools
import os
import random
import re
import sqlite3
import subprocess
import sys
import time
import urllib.parse

PROGRAM = os.path.abspath(sys.argv[1])
FOLDER = os.path.abspath(sys.argv[2] if len(sys.argv) > 2 else ".")
SAMPLES = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
STORE = os.path.join(FOLDER, "view_bench.db")
EPOCHS = 180  # of 24 tasks: 4,320 samples a run, as many as Agent-ValueBench has cases
PAGES = 200   # of each kind
# Each alone and every two together: what all samples fit, few, or none.
FILTERS = {
    "value": "value=benevolence", "value leads": "value=benevolence&rank=leads", "outcome, all": "outcome=finished",
    "outcome, none": "outcome=refused", "task": "task=night", "environment": "task=ward-desk", "leads by 0.9": "from=0.9",
    "trails by 0.9": "to=-0.9", "judges apart": "apart=0.5", "unscored": "unscored=1",
}
RNG = random.Random(1)
MOST_ID = 2**63 - 1


def make():
    started = time.monotonic()
    command = ["eval", "crossroads", "--model", "scripted/random", "--judge", "scripted/perfect", "--epochs", str(EPOCHS)]
    subprocess.run([PROGRAM, *command, "--display", "none", "--db", STORE], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    store = sqlite3.connect(STORE, isolation_level=None)
    store.execute("PRAGMA synchronous = OFF")
    store.execute("PRAGMA cache_size = -2000000")
    first = store.execute("SELECT id FROM runs").fetchone()[0]
    size = store.execute("SELECT count(*) FROM samples").fetchone()[0]
    tables = {name: [row[1] for row in store.execute(f"PRAGMA table_info({name})")] for name in
              ("runs", "sessions", "attempts", "calls", "events", "judgements", "verdicts", "scores")}
    store.create_function("other", 2, lambda value, step: None if value is None else (value * 2654435761 + step * 0x9E3779B97F4A7C15) & MOST_ID, deterministic=True)
    # Ids of a copy: as spread out as those of the original.
    changed = {"attempts": {"id", "sample"}, "calls": {"id", "attempt", "judgement"}, "events": {"attempt", "call"},
               "judgements": {"id", "attempt", "sample"}, "verdicts": {"judgement"}, "scores": {"judgement"}}
    for table in ("attempts", "judgements", "calls", "events", "verdicts", "scores"):
        store.execute(f"CREATE TEMP TABLE base_{table} AS SELECT * FROM {table}")
    last_call, last_event = (store.execute(f"SELECT max(seq) FROM {table}").fetchone()[0] for table in ("calls", "events"))
    copies = max(0, SAMPLES // size - 1)
    for copy in range(1, copies + 1):
        run = f"01BENCH{copy:019d}"
        store.execute("BEGIN")
        for table, columns in tables.items():
            if table in ("runs", "sessions"):
                values = [f"'{run}'" if name in ("id", "run") else "NULL" if name == "identity" else
                          f"created_ms - {copy * 60000}" if name == "created_ms" else name for name in columns]
                key = "id" if table == "runs" else "run"
                store.execute(f"INSERT INTO {table} SELECT {', '.join(values)} FROM {table} WHERE {key} = '{first}'")
                continue
            values = []
            for name in columns:
                if name in changed[table]:
                    values.append(f"other({name}, {copy})")
                elif name == "seq":
                    values.append(f"seq + {copy * (last_call if table == 'calls' else last_event)}")
                else:
                    values.append(f"'{run}'" if name == "run" else name)
            store.execute(f"INSERT INTO {table} SELECT {', '.join(values)} FROM base_{table}")
        store.execute("COMMIT")
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    samples, events = store.execute("SELECT (SELECT count(*) FROM attempts), (SELECT count(*) FROM events)").fetchone()
    store.close()
    print(f"store: {samples:,} samples, {events:,} events, {os.path.getsize(STORE) / 1e9:.1f} GB, made in {time.monotonic() - started:.0f} s")


def ask(port, path):
    """Seconds to the first byte, seconds to the last, the body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.connect()
    started = time.perf_counter()
    connection.request("GET", path)
    reply = connection.getresponse()
    first = time.perf_counter() - started
    body = reply.read()
    last = time.perf_counter() - started
    connection.close()
    assert reply.status == 200, (path, reply.status, body[:500])
    return first, last, body.decode()


def main():
    if not os.path.exists(STORE):
        make()
    store = sqlite3.connect(f"file:{STORE}?mode=ro", uri=True)
    runs = [row[0] for row in store.execute("SELECT id FROM runs")]
    tasks = [row[0] for row in store.execute("SELECT DISTINCT task FROM attempts WHERE run = ?", (runs[0],))]
    cache = os.path.join(FOLDER, "cache")
    viewer = subprocess.Popen([PROGRAM, "view", "--db", STORE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              env={**os.environ, "XDG_CACHE_HOME": cache})
    try:
        started = time.monotonic()
        port = int(viewer.stdout.readline().rsplit(":", 1)[1].strip(" /\n"))
        print(f"{'page':34} {'first byte ms: median':>22} {'p95':>8} {'last p95':>9} {'largest KB':>11}")

        def measure(name, path_of, count=PAGES):
            times = [ask(port, path_of()) for _ in range(count)]
            firsts = sorted(1000 * first for first, _, _ in times)
            lasts = sorted(1000 * last for _, last, _ in times)
            at = int(0.95 * (count - 1))
            print(f"{name:34} {firsts[count // 2]:22.1f} {firsts[at]:8.1f} {lasts[at]:9.1f} {max(len(body) for *_, body in times) / 1000:11.0f}", flush=True)

        def sample():
            return f"/run/{RNG.choice(runs)}/sample?" + urllib.parse.urlencode({"task": RNG.choice(tasks), "epoch": RNG.randint(1, EPOCHS)})

        measure("runs, just started", lambda: "/", 20)
        while "being counted" in ask(port, "/")[2]:
            time.sleep(0.2)
        print(f"all runs counted {time.monotonic() - started:.1f} s after the start")
        measure("runs", lambda: "/")
        measure("run, its report not there yet", lambda: f"/run/{RNG.choice(runs)}", 50)
        chosen = runs[0]
        while "data-again" in ask(port, f"/run/{chosen}")[2]:
            time.sleep(0.1)
        measure("run", lambda: f"/run/{chosen}")
        measure("samples", lambda: f"/run/{RNG.choice(runs)}/samples")
        measure("samples, from the middle", lambda: f"/run/{RNG.choice(runs)}/samples?" + urllib.parse.urlencode({"after": RNG.choice(tasks), "after_epoch": RNG.randint(1, EPOCHS)}))
        for name, query in FILTERS.items():
            measure(f"samples: {name}", lambda query=query: f"/run/{RNG.choice(runs)}/samples?{query}", 100)
        pairs = [(one, other) for one, other in itertools.combinations(FILTERS.values(), 2) if one.split("=")[0] != other.split("=")[0]]
        measure(f"samples: two of these, {len(pairs)} pairs", lambda: f"/run/{RNG.choice(runs)}/samples?" + "&".join(RNG.choice(pairs)), 10 * len(pairs))
        measure("sample", sample)
        measure("judges", lambda: f"/run/{chosen}/judges")
        measure("side by side", lambda: "/side-by-side?" + urllib.parse.urlencode({"task": RNG.choice(tasks)}) + "".join(f"&run={run}" for run in RNG.sample(runs, 2)) if len(runs) > 1 else "/")
        while "being gathered" in ask(port, f"/run/{runs[0]}/samples?words=the")[2] and time.monotonic() - started < 3600:
            time.sleep(2)
        index = sum(os.path.getsize(os.path.join(folder, name)) for folder, _, names in os.walk(cache) for name in names)
        print(f"words gathered {time.monotonic() - started:.0f} s after the start at the latest, index {index / 1e9:.2f} GB")
        words = sorted(set(re.findall(r"[a-z]{5,}", " ".join(row[0] or "" for row in store.execute("SELECT tool_result FROM events WHERE kind = 'tool' LIMIT 2000")))))
        measure("search, a word", lambda: f"/run/{RNG.choice(runs)}/samples?words={RNG.choice(words)}", 50)
        measure("search, two words", lambda: f"/run/{RNG.choice(runs)}/samples?words={RNG.choice(words)}+{RNG.choice(words)}", 50)
        with open(f"/proc/{viewer.pid}/status", encoding="utf-8") as file:
            memory = dict(line.split(":", 1) for line in file)
        print(f"viewer's memory: {int(memory['VmHWM'].split()[0]) / 1024:.0f} MB at most, {int(memory['VmRSS'].split()[0]) / 1024:.0f} MB now")
    finally:
        viewer.terminate()
        viewer.wait()


if __name__ == "__main__":
    main()
