# Names that setting up and taking down have in common.
network=sandbox-net
bridge=sandbox0
subnet=10.213.77.0/24
out=SANDBOX-OUT
in=SANDBOX-IN

# has TABLE-WORDS…: whether such a rule is there.
has() { iptables -C "$@" 2>/dev/null; }
