#!/usr/bin/env bash
# Runs `bench step` on many executors with tiny heaps, each a JVM of its own with one core, and holds bytes and tasks
# against the plan. By hand, with python3, after `mvn -B -DskipTests package`:
#   driver/src/test/plan/many.sh OUT [EXECUTORS]      default: 64, which take about 14 GB of memory
# Ends at once where the machine comes below 2 GB of available memory. Starting takes most of the time.
set -euo pipefail

repository=$(cd "$(dirname "$0")/../../../.." && pwd)
out=${1:?Usage: many.sh OUT [EXECUTORS]}
executors=${2:-64}
mkdir -p "$out"
out=$(cd "$out" && pwd)
spark=$repository/deploy/target/spark
app=$repository/driver/target/app
export SPARK_LOCAL_IP=127.0.0.1
pids=()

available() { awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo; }

down() {
  kill "${pids[@]}" 2>/dev/null || true
  wait "${pids[@]}" 2>/dev/null || true
}
trap down EXIT

needed=$((executors * 220 + 2500))
[ "$(available)" -ge $needed ] || { echo "needs $needed MB of available memory, found $(available)" >&2; exit 1; }

"$spark/bin/spark-class" org.apache.spark.deploy.master.Master --host 127.0.0.1 --port 7177 --webui-port 0 \
  >"$out/master.log" 2>&1 &
pids+=($!)
sleep 4
# It believes to have cores and memory for all of them.
"$spark/bin/spark-class" org.apache.spark.deploy.worker.Worker --host 127.0.0.1 --webui-port 0 --cores "$executors" \
  --memory "${executors}g" --work-dir "$out/executors" spark://127.0.0.1:7177 >"$out/worker.log" 2>&1 &
pids+=($!)

# Executors take the jars from where they lie: otherwise each would copy 170 MB.
"$spark/bin/spark-submit" --master spark://127.0.0.1:7177 --driver-memory 2g --executor-memory 480m \
  --executor-cores 1 --total-executor-cores "$executors" --class org.simclrspark.driver.cli.Main \
  --driver-class-path "$app/*" --driver-java-options --add-modules=jdk.incubator.vector \
  --conf "spark.executor.extraClassPath=$app/*" \
  --conf "spark.executor.extraJavaOptions=-Xms24m -Xss256k -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=48m" \
  --conf spark.executorEnv.MALLOC_ARENA_MAX=1 --conf spark.ui.enabled=false \
  --conf spark.network.timeout=900s --conf spark.executor.heartbeatInterval=60s \
  --conf spark.scheduler.minRegisteredResourcesRatio=1 --conf spark.scheduler.maxRegisteredResourcesWaitingTime=900s \
  "$app"/driver-*.jar bench step --shards "$executors" --images $((executors * 4)) --parameters 1000000 --steps 3 \
  >"$out/bench.log" 2>&1 &
bench=$!
pids+=("$bench")
least=$(available)
while kill -0 "$bench" 2>/dev/null; do
  now=$(available)
  [ "$now" -ge "$least" ] || least=$now
  [ "$now" -ge 2000 ] || { echo "ended: $now MB of memory are available" >&2; exit 1; }
  sleep 0.5
done
wait "$bench" || { tail "$out/bench.log"; exit 1; }
grep -v '^{' "$out/bench.log"
echo "Executors: $(ls -d "$out"/executors/app-*/*/ | wc -l). Memory available: $least MB at the least."
tail -n 1 "$out/bench.log" | python3 -c '
import json, sys
bench = json.load(sys.stdin)
worst = 0
for name, planned in bench.items():
    if name.endswith("_planned"):
        measured = bench[name[:-8]]
        worst = max(worst, abs(planned - measured) / measured if measured else planned)
print(f"Bytes and tasks are {100 * worst:.1f} % off at most.")
sys.exit(worst > 0.05)'
