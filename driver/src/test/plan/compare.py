"""Prints what `plan` said beside what a training took; see reality.sh."""
import json
import re
import statistics
import sys

UNITS = {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}
PHASES = ["update", "shards", "embed", "gather", "loss", "backward", "average"]


def quantity(number, unit):
    return float(number.replace(",", "")) * UNITS[unit]


def difference(planned, measured):
    return f"{100 * (planned - measured) / measured:+7.1f} %" if measured else ""


out, name = sys.argv[1:]
plan = open(f"{out}/{name}.plan").read()
steps = [json.loads(line) for line in open(f"{out}/run-{name}/metrics.jsonl")]
epoch = next(i for i, step in enumerate(steps) if step["epoch"] >= 1) + 1
# The first steps compile code and move jars, and the last of an epoch is followed by what an epoch ends with.
steps = [step for step in steps[12:] if step["step"] % epoch]
print(f"\n{name}: {len(steps)} steps")
print(f"{'phase':10}{'planned s':>12}{'measured s':>12}{'':>10}{'planned B':>14}{'measured B':>14}")
total = 0
for phase in PHASES:
    seconds, number, unit = re.search(rf"^{phase} +([\d.]+) +([\d.,]+) ?(\w+)$", plan, re.M).groups()
    measured = statistics.median(step["seconds"].get(phase, 0) for step in steps)
    moved = statistics.median(step["bytes"].get(phase, 0) for step in steps)
    total += measured
    planned = quantity(number, unit)
    print(f"{phase:10}{float(seconds):12.3f}{measured:12.3f}{difference(float(seconds), measured):>10}"
          f"{planned:14,.0f}{moved:14,.0f} {difference(planned, moved)}")
step = float(re.search(r"^step +([\d.]+)", plan, re.M).group(1))
times = [b["time"] - a["time"] for a, b in zip(steps, steps[1:]) if b["step"] == a["step"] + 1]
wall = statistics.median(times)
print(f"{'step':10}{step:12.3f}{wall:12.3f}{difference(step, wall):>10}   (sum of phases {total:.3f})")


def passed(moment, key):
    """Bytes of all connections at a time; one that was closed keeps those of its last line."""
    last, previous, before, after = {}, {}, None, None
    for time, connection, figures in connections:
        if time > moment:
            after = after or time
            if time > after:
                break
        else:
            before = time
            previous[connection] = figures.get(key, 0)
        last[connection] = figures.get(key, 0)
    share = (moment - before) / (after - before)
    return sum(previous.values()) * (1 - share) + sum(last.values()) * share


connections = []
for line in open(f"{out}/{name}.connections"):
    time, _, _, local, peer, rest = line.split(None, 5)
    figures = {key: int(value) for key, value in re.findall(r"(bytes_\w+):(\d+)", rest)}
    connections.append((float(time), f"{local} {peer}", figures))
first, last = steps[0], steps[-1]
count = last["step"] - first["step"]
driver = re.search(r"^driver +([\d.,]+) ?(\w+) +([\d.,]+) ?(\w+)$", plan, re.M).groups()
for word, key, planned in (("in", "bytes_received", quantity(*driver[:2])), ("out", "bytes_acked", quantity(*driver[2:]))):
    moved = (passed(last["time"], key) - passed(first["time"], key)) / count
    print(f"driver {word:3} {planned:14,.0f} B planned {moved:14,.0f} B passed {difference(planned, moved)}")
