#!/bin/sh
# Takes away what setup-sandbox-network.sh made. As root: sh scripts/teardown-sandbox-network.sh
# The network goes first: while a container is in it, its rules stay.
set -eu
cd "$(dirname "$0")/.."
. scripts/sandbox-network.sh

if docker network inspect "$network" >/dev/null 2>&1; then docker network rm "$network" >/dev/null; fi
while has DOCKER-USER -i "$bridge" -j REJECT; do iptables -D DOCKER-USER -i "$bridge" -j REJECT; done
if has DOCKER-USER -i "$bridge" -j "$out"; then iptables -D DOCKER-USER -i "$bridge" -j "$out"; fi
if has INPUT -i "$bridge" -j "$in"; then iptables -D INPUT -i "$bridge" -j "$in"; fi
for chain in "$out" "$in"; do
  iptables -F "$chain" 2>/dev/null || continue
  iptables -X "$chain"
done
echo "the network $network is gone"
