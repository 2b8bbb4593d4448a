#!/bin/sh
# Makes the network `sandbox-net`, in which containers reach the hosts of sandbox-hosts.txt and nobody else, not even this machine.
# For a person to read and to run. As root: sh scripts/setup-sandbox-network.sh
# Run it again behind a reboot (rules are gone then), and when a host has moved to another address.
# What it leaves open: name servers (a name can carry data out), and whatever else answers at the addresses of the allowed hosts.
set -eu
cd "$(dirname "$0")/.."
. scripts/sandbox-network.sh

docker network inspect "$network" >/dev/null 2>&1 ||
  docker network create --subnet "$subnet" --opt "com.docker.network.bridge.name=$bridge" "$network" >/dev/null

# Closed while the rules are made, and still closed where making them fails.
iptables -I DOCKER-USER -i "$bridge" -j REJECT

for chain in "$out" "$in"; do
  iptables -N "$chain" 2>/dev/null || iptables -F "$chain"
  iptables -A "$chain" -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN
done
for server in $(awk '$1 == "nameserver" && $2 !~ /:/ { print $2 }' /etc/resolv.conf); do
  for protocol in udp tcp; do
    iptables -A "$out" -p "$protocol" -d "$server" --dport 53 -j RETURN
  done
done
while read -r host port; do
  case $host in '' | '#'*) continue ;; esac
  addresses=$(getent ahostsv4 "$host" | awk '{ print $1 }' | sort -u)
  [ -n "$addresses" ] || { echo "no address for $host" >&2; exit 1; }
  for address in $addresses; do
    iptables -A "$out" -p tcp -d "$address" --dport "$port" -j RETURN
    echo "open: $host:$port ($address)"
  done
done <sandbox-hosts.txt
for chain in "$out" "$in"; do iptables -A "$chain" -j REJECT; done

# What passes through this machine, and what is meant for it.
has DOCKER-USER -i "$bridge" -j "$out" || iptables -I DOCKER-USER 2 -i "$bridge" -j "$out"
has INPUT -i "$bridge" -j "$in" || iptables -I INPUT -i "$bridge" -j "$in"
iptables -D DOCKER-USER -i "$bridge" -j REJECT
echo "the network $network is closed but for these"
