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
counters = [list(map(int, line.split())) for line in open(f"{out}/{name}.counters")]
first = min(c[0] for c in counters) + 2
inside = [c for c in counters if first <= c[0] < counters[-1][0] - 1]
count = inside[-1][0] - inside[0][0]
driver = re.search(r"^driver +([\d.,]+) ?(\w+) +([\d.,]+) ?(\w+)$", plan, re.M).groups()
for word, column, planned in (("in", 1, quantity(*driver[:2])), ("out", 2, quantity(*driver[2:]))):
    moved = (inside[-1][column] - inside[0][column]) / count
    print(f"driver {word:3} {planned:14,.0f} B planned {moved:14,.0f} B on the wire {difference(planned, moved)}")
