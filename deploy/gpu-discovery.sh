#!/usr/bin/env bash
# Tells Spark the addresses of this machine's GPUs, as spark.executor.resource.gpu.discoveryScript (and
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
  addresses=$(nvidia-smi --query-gpu=index --format=csv,noheader)
fi
list=
for address in $addresses; do
  list=$list${list:+,}\"$address\"
done
echo "{\"name\": \"gpu\", \"addresses\": [$list]}"
