# What descendants.pl is, for an image that has a busybox and nothing else: starts kinds of descendants that do not want to end.
# sh descendants.sh TOKEN exit|stay
token=$1 how=$2
linger='while :; do sleep 1; done'
sh -c ": >$token-plain; $linger" "$token-plain" &
sh -c "trap '' TERM HUP INT QUIT; : >$token-deaf; $linger" "$token-deaf" &
setsid sh -c ": >$token-session; $linger" "$token-session" &
sh -c "setsid sh -c ': >$token-daemon; $linger' $token-daemon &"
env -i /bin/setsid /bin/sh -c ": >$token-wiped; while :; do /bin/sleep 1; done" "$token-wiped" &
setsid sh -c ": >$token-stopped; kill -STOP \$\$; $linger" "$token-stopped" &
for kind in plain deaf session daemon wiped stopped; do
  until [ -e "$token-$kind" ]; do sleep 0.05; done
done
: >"$token-ready"
[ "$how" = stay ] || exit 0
exec sh -c "$linger" "$token-root"
