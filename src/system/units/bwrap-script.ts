// What is the first process in a namespace of process ids: it starts the command, and holds what that leaves behind to the rules that
// hold everywhere. Short, since each start pays for it.

const MS_PER_HUNDREDTH = 10;

/**
 * `sh -c SCRIPT gate-run NUMBER GRACE KILL-AFTER SLEEP COMMAND…`, times in hundredths of a second. Says `NUMBER started` on descriptor 3,
 * and `NUMBER left COUNT` of what the command leaves behind: that has GRACE to end by itself, then gets TERM, then has KILL-AFTER. With its
 * own end everybody in the namespace ends. As the first one there it is deaf to what is sent from inside, and to all but KILL from outside,
 * without ignoring anything: so what it starts hears every signal. What a shell says of children that were killed is not said by the
 * command, and goes nowhere.
 */
export const SCRIPT: string = scriptWith(`exec 4>&2 2>/dev/null`, '');

/**
 * The same, with a relay to the network beside the command: behind SLEEP stand NODE CODE SOCKET PORT. Nothing is started without it, and it
 * is nobody that the command leaves behind.
 */
export const RELAYED_SCRIPT: string = scriptWith(
  String.raw`relay=$("$1" -e "$2" "$3" "$4" 5>&1 1>&2 3>&- & echo $!)
case $relay in *ready*) ;; *) exit 1 ;; esac
relay=${'$'}{relay%ready} relay=${'$'}{relay#ready}
shift 4
exec 4>&2 2>/dev/null`,
  String.raw`kill -KILL $relay
"$sleep" 0`,
);

function scriptWith(before: string, behind: string): string {
  return String.raw`number=$1 grace=$2 after=$3 sleep=$4
shift 4
${before}
echo "$number started" >&3 || exit 1
(exec 2>&4 3>&- 4>&-; exec "$@")
code=$?
${behind}
kill -0 -1 || exit $code
now() { IFS='. ' read -r s cs rest </proc/uptime; now=$((s * 100 + 1$cs - 100)); }
alone() {
  now
  until=$((now + $1)) pause=1
  while kill -0 -1; do
    now
    [ $now -lt $until ] || return 1
    "$sleep" 0.0$pause
    case $pause in 1) pause=2 ;; *) pause=5 ;; esac
  done
}
alone $grace && exit $code
set -- /proc/[0-9]*
echo "$number left $(($# - 1))" >&3
kill -TERM -1
kill -CONT -1
alone $after
exit $code`;
}

export function hundredths(ms: number): string {
  return String(Math.ceil(ms / MS_PER_HUNDREDTH));
}
