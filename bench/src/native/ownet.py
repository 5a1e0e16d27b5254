"""pyownet, driven as host.ts drives a client in Node: arguments are key=value, the requests come on the standard input, one
"path TAB expected" a line, and one line of JSON goes out."""
import json
import sys
import time

from pyownet import protocol

task = dict(argument.split("=", 1) for argument in sys.argv[1:])
requests = [line.rstrip("\n").split("\t", 1) for line in sys.stdin]
client = protocol.proxy("127.0.0.1", int(task["port"]), persistent=task["connection"] == "kept")
wrong = 0
first = None


def answer(path, expected):
    """Whether an answer is right, and what to show of one that is not."""
    if task["check"] == "entries":
        entries = client.dir(path, slash=False)
        return len(entries) == int(expected), f"{len(entries)} entries"
    value = client.read(path, size=int(task["size"])).decode("latin1")
    if task["check"] == "length":
        return len(value) == int(expected), f"{len(value)} bytes"
    return value.strip() == expected, value.strip()


def calls(limit, seconds):
    global wrong, first
    end = time.monotonic() + seconds
    for at in range(limit):
        if (at & 15) == 0 and time.monotonic() >= end or wrong > 100:
            return at
        is_right, shown = answer(*requests[at % len(requests)])
        if not is_right:
            wrong += 1
            first = first or shown[:60]
    return limit


calls(min(int(task["warm"]), 300), 2)
wrong, first = 0, None
start = time.monotonic()
done = calls(int(task["limit"]), float(task["seconds"]))
result = {"calls": done, "seconds": time.monotonic() - start, "wrong": wrong}
print(json.dumps(result if first is None else {**result, "firstWrong": first}))
