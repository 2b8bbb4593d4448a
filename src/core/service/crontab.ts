// One line for `crontab -e`, with what cron does not give: whole paths, PATH, a log. It runs nothing.

import { commentText, cronWord } from './words.ts';

/** Debian's cron takes a command of 999 bytes and drops a longer one without a word. */
const MOST_BYTES = 990;

export interface CronJob {
  readonly name: string;
  /** The config, absolute. */
  readonly file: string;
  /** Five fields. */
  readonly expression: string;
  /** Node, the script, and every word behind it. */
  readonly words: readonly string[];
  readonly path: string;
  /** Absolute. */
  readonly log: string;
  /** Variables that change the plan here, and that cron will not have. */
  readonly unset: readonly string[];
}

/** The lines; or why there can be none. */
export function crontab(job: CronJob): string | { readonly problem: string; readonly mend: string } {
  const { name, file, expression, words, path, log, unset } = job;
  if ([...words, path, log].some((word) => /[\n\r\0]/.test(word)))
    return {
      problem: 'a line of a crontab holds no line break',
      mend: 'leave it out of the flags and paths',
    };
  const folder = log.slice(0, log.lastIndexOf('/'));
  const command = [
    `mkdir -p ${cronWord(folder)} &&`,
    `PATH=${cronWord(path)}`,
    ...words.map(cronWord),
    `>> ${cronWord(log)} 2>&1`,
  ].join(' ');
  const bytes = new TextEncoder().encode(command).length;
  if (bytes > MOST_BYTES)
    return {
      problem: `the command has ${bytes} bytes, and cron takes ${MOST_BYTES}`,
      mend: 'call it with a shorter PATH (PATH=/usr/local/bin:/usr/bin:/bin), or use `--systemd`',
    };
  return [
    `# gate-run ${commentText(name)}, from ${commentText(file)}: a line for crontab -e (not for /etc/crontab, which wants a user too)`,
    ...(unset.length === 0 ? [] : [`# set here, and not in cron: ${unset.join(', ')}`]),
    `${expression} ${command}`,
    '',
  ].join('\n');
}
