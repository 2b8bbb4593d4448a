# What descendants.pl is, for an image that has a busybox and nothing else: starts kinds of descendants that do not want to end.
# sh descendants.sh TOKEN exit|stay|idle|eat: `idle` leaves out the one that never rests.
token=$1 how=$2 end=${4:-$(($(date +%s) + 30))}
linger="while [ \$(date +%s) -lt $end ]; do sleep 1; done"
# Never the same process for long.
if [ "$how" = hop ]; then
  : >"$3"
  [ "$(date +%s)" -ge "$end" ] || setsid sh "$0" "$token" hop "$3" "$end" &
  exit
fi
sh -c ": >$token-plain; $linger" "$token-plain" &
sh -c "trap '' TERM HUP INT QUIT; : >$token-deaf; $linger" "$token-deaf" &
setsid sh -c ": >$token-session; $linger" "$token-session" &
sh -c "setsid sh -c ': >$token-daemon; $linger' $token-daemon &"
env -i /bin/setsid /bin/sh -c "PATH=/bin; : >$token-wiped; $linger" "$token-wiped" &
setsid sh -c ": >$token-stopped; kill -STOP \$\$; $linger" "$token-stopped" &
kinds='plain deaf session daemon wiped stopped'
if [ "$how" != idle ]; then
  setsid sh "$0" "$token" hop "$token-hopping" "$end" &
  kinds="$kinds hopping"
fi
for kind in $kinds; do
  until [ -e "$token-$kind" ]; do sleep 0.05; done
done
: >"$token-ready"
case $how in
exit) exit 0 ;;
# More than it may have, and never more than this machine can bear.
eat) head -c 536870912 /dev/zero | tail ;;
*) exec sh -c "$linger" "$token-root" ;;
esac
