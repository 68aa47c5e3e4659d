#!/usr/bin/env bash
# Holds `plan --calibrate` against trainings on a standalone cluster whose driver and executors live in network
# namespaces of their own. By hand, as root, with iproute2 and python3, after `mvn -B -DskipTests package`:
#   driver/src/test/plan/reality.sh OUT [EXECUTORS[:RATE]...]      default: 1 2 4 4:1gbit 4:100mbit
# Prints seconds and bytes of each phase, planned and measured (medians of a training's steps), and the bytes of the
# driver's connections with executors, without headers and without what was sent again. A rate holds for the driver and
# each executor, in both directions, from the tenth step on: until then the jars travel. The constants are measured
# without a limit.
set -euo pipefail

repository=$(cd "$(dirname "$0")/../../../.." && pwd)
out=${1:?Usage: reality.sh OUT [EXECUTORS[:RATE]...]}
shift
[ $# -gt 0 ] || set -- 1 2 4 4:1gbit 4:100mbit
mkdir -p "$out"
out=$(cd "$out" && pwd)
spark=$repository/deploy/target/spark
net=10.99.7
pids=()

down() {
  if [ ${#pids[@]} -gt 0 ]; then
    kill "${pids[@]}" 2>/dev/null || true
    wait "${pids[@]}" 2>/dev/null || true
  fi
  pids=()
  for gone in driver executor1 executor2 executor3 executor4; do
    ip netns del "simclr-$gone" 2>/dev/null || true
  done
  for link in 1 11 12 13 14 bridge; do
    ip link del "simclr-$link" 2>/dev/null || true
  done
}
trap down EXIT
down

# A machine NAME with the address NUMBER.
machine() {
  ip netns add "simclr-$1"
  ip link add "simclr-$2" type veth peer name inside netns "simclr-$1"
  ip link set "simclr-$2" master simclr-bridge up
  ip -n "simclr-$1" link set lo up
  ip -n "simclr-$1" addr add "$net.$2/24" dev inside
  ip -n "simclr-$1" link set inside up
}

# Limits what the machine NAME with the address NUMBER sends and receives to RATE.
limit() {
  ip netns exec "simclr-$1" tc qdisc replace dev inside root tbf rate "$3" burst 256kb latency 200ms
  tc qdisc replace dev "simclr-$2" root tbf rate "$3" burst 256kb latency 200ms
}

# Starts a program on the machine NAME with the address NUMBER; ends with this script.
daemon() {
  local name=$1 number=$2
  shift 2
  (export SPARK_LOCAL_IP=$net.$number; exec ip netns exec "simclr-$name" "$@") &
  pids+=($!)
}

up() {
  ip link add simclr-bridge type bridge
  ip link set simclr-bridge up
  machine driver 1
  daemon driver 1 "$spark/bin/spark-class" org.apache.spark.deploy.master.Master --host "$net.1" --port 7077 \
    --webui-port 0 >"$out/master.log" 2>&1
  for i in $(seq "$1"); do
    machine "executor$i" "1$i"
    daemon "executor$i" "1$i" "$spark/bin/spark-class" org.apache.spark.deploy.worker.Worker --host "$net.1$i" \
      --webui-port 0 --cores 1 --memory 2g --work-dir "$out/work$i" "spark://$net.1:7077" >"$out/worker$i.log" 2>&1
  done
}

in_driver() { SPARK_LOCAL_IP=$net.1 ip netns exec simclr-driver "$@"; }

simclr() {
  SPARK_HOME=$spark SIMCLR_DRIVER_MEMORY=2g in_driver "$repository/deploy/simclr" "$@" --master "spark://$net.1:7077" \
    --conf "$out/run.conf" -- --conf spark.executor.memory=1g --conf spark.executor.cores=1 \
    --conf "spark.driver.host=$net.1" --conf spark.ui.enabled=false \
    --conf spark.scheduler.minRegisteredResourcesRatio=1 --conf spark.speculation=false \
    --conf spark.dynamicAllocation.enabled=false --conf "spark.cores.max=$executors"
}

# The kernel's figures of each of the driver's connections with executors, behind the time.
connections() {
  in_driver ss -tniOH state established "src $net.1 and not dst $net.1" | sed "s/^/$(date +%s.%N) /"
}

lines() { [ ! -f "$1" ] || wc -l <"$1"; }

cat >"$out/run.conf" <<CONF
simclr {
  data.train = "$repository/data-pipeline/sample/cifar10/data_batch_1.bin"
  augment.preset = cifar
  encoder { depth = 18, width = 0.5, stem = small }
  projection { hidden = 256, dim = 128 }
  train { batch = 128, shards = 4, micro-batch = 16, epochs = 4 }
  optimizer { name = sgd, learning-rate = 0.1, scaling = none, warmup-epochs = 0 }
  checkpoint.every-epochs = 0
  worker { threads = 1, activation-memory = 4g }
}
CONF

for case in "$@"; do
  executors=${case%%:*}
  rate=
  [ "$case" = "$executors" ] || rate=${case#*:}
  name=$executors${rate:+-$rate}
  up "$executors"
  sleep 5
  network=100Gb/s
  [ -z "$rate" ] || network=$(echo "$rate" | sed 's/gbit/Gb\/s/; s/mbit/Mb\/s/')
  simclr plan --calibrate --executors "$executors" --cores 1 --network "$network" >"$out/$name.plan"
  rm -rf "$out/run-$name"
  : >"$out/$name.connections"
  simclr pretrain --run "$out/run-$name" >"$out/$name.log" 2>&1 &
  training=$!
  pids+=("$training")
  until [ "$(lines "$out/run-$name/metrics.jsonl")" -ge 10 ] 2>/dev/null; do
    kill -0 "$training" || { tail "$out/$name.log"; exit 1; }
    sleep 0.2
  done
  if [ -n "$rate" ]; then
    limit driver 1 "$rate"
    for i in $(seq "$executors"); do limit "executor$i" "1$i" "$rate"; done
  fi
  while kill -0 "$training" 2>/dev/null; do
    connections >>"$out/$name.connections"
    sleep 0.2
  done
  wait "$training"
  down
  python3 "$(dirname "$0")/compare.py" "$out" "$name"
done
