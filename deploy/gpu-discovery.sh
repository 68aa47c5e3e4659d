#!/usr/bin/env bash
# Tells Spark the addresses of this machine's GPUs, or of their parts (MIG) where a GPU has some, as spark.executor.resource.gpu.discoveryScript (and
# spark.worker.resource.gpu.discoveryScript on standalone workers): {"name": "gpu", "addresses": ["0","1"]}
#
#   SIMCLR_GPU_ADDRESSES   addresses to report instead of asking nvidia-smi, such as "0 1"
set -euo pipefail

addresses=${SIMCLR_GPU_ADDRESSES-}
if [ -z "$addresses" ]; then
  command -v nvidia-smi >/dev/null || {
    echo "gpu-discovery.sh: needs nvidia-smi, found none. Install NVIDIA's driver, or set SIMCLR_GPU_ADDRESSES." >&2
    exit 1
  }
  list=$(nvidia-smi -L)
  addresses=$(awk '
    /^GPU [0-9]+:/ { if (whole != "") print whole; whole = $2; sub(":", "", whole) }
    /^ +MIG / && match($0, /MIG-[^)]+/) { print substr($0, RSTART, RLENGTH); whole = "" }
    END { if (whole != "") print whole }' <<<"$list")
fi
list=
for address in $addresses; do
  list=$list${list:+,}\"$address\"
done
echo "{\"name\": \"gpu\", \"addresses\": [$list]}"
