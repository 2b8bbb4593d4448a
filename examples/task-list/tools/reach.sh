# Stands in for curl behind a closed network: 0 for the hosts that the image allows, 7 (could not connect) for all others.
grep -qx "allow: $1" workplace/image || exit 7
