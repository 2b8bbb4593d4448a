// Words as a shell, a crontab and a unit of systemd want them written, so that none of them is read as anything but itself.

/** For sh. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * For sh behind cron, which ends a command at a bare `%`, takes a backslash before one away, and in some versions makes one backslash of
 * two: so a backslash is never followed by either. See crontab(5), and `do_command.c` of Vixie cron.
 */
export function cronWord(word: string): string {
  if (/^[\w@+=:,./-]+$/.test(word)) return word;
  const quoted = word.replaceAll("'", `'"'"'`).replaceAll('\\', `\\''`);
  return `'${quoted.replaceAll('%', `'\\%'`)}'`;
}

/** For `ExecStart=` behind the program, where `$NAME` is filled in. See systemd.service(5), "Command lines". */
export function argumentWord(word: string): string {
  return unitWord(word).replaceAll('$', '$$$$');
}

/** For values that are read word by word: in quotes, with specifiers (`%n`) and escapes taken for themselves. */
export function unitWord(word: string): string {
  const plain = word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%');
  return `"${plain.replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`;
}

/** For values that are one path or one text, up to the end of the line. */
export function unitLine(text: string): string {
  return text.replaceAll('%', '%%');
}

/** A comment ends with its line, whatever stands in it. */
export function commentText(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}
