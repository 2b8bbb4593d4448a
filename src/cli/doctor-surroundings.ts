// The part of `doctor` that looks around: gate-run and Node, the clock and the calendar, the terminal, a CI server, what starts loops.

import { formatDuration } from '../core/config/quantity.ts';
import type { Finding } from '../core/doctor/finding.ts';
import { isCommand } from '../system/asks.ts';
import { realClock } from '../system/clock.ts';
import { openOutput } from '../system/output.ts';
import { gateRunBin, packageVersion } from '../system/self.ts';
import { versionOf } from '../system/places.ts';
import { localText } from '../views/local-time.ts';
import { readState } from '../engine/read.ts';
import { realDisk } from '../system/files.ts';
import type { Loop } from './load.ts';
import type { CommandRequest } from './request.ts';

/** No gate-run was there before; a clock that shows an earlier time was never set. */
const EARLIEST_MS: number = Date.UTC(2025, 0, 1);
/** Clocks of two machines differ by less. */
const SKEW_MS = 60_000;
const NEXT_SHOWN = 3;

export async function surroundingFindings(
  request: CommandRequest,
  loop: Loop | undefined,
): Promise<readonly Finding[]> {
  return [
    { area: 'gate-run', name: 'gate-run', level: 'ok', says: `${packageVersion()} (${gateRunBin()})` },
    { area: 'gate-run', name: 'node', level: 'ok', says: `${process.versions.node} (${process.execPath})` },
    ...(await helperFindings(request)),
    clockFinding(loop),
    ...(loop === undefined ? [] : await calendarFindings(loop)),
    ...terminalFindings(request),
  ];
}

/** What gate-run can use and does not need. */
const HELPERS: readonly (readonly [name: string, use: string])[] = [
  ['git', 'for `--since` and labels of commits'],
  ['crontab', 'for `gate-run schedule --cron`'],
  ['systemctl', 'for `gate-run schedule --systemd`'],
];

async function helperFindings({ env, folder }: CommandRequest): Promise<readonly Finding[]> {
  return Promise.all(
    HELPERS.map(async ([name, use]): Promise<Finding> => {
      const finding = { area: 'gate-run', name } as const;
      if (!isCommand(name, { folder, path: env['PATH'] }))
        return { ...finding, level: 'note', says: `not there; optional, ${use}` };
      // crontab knows no such flag, and might take the word for something else.
      const version = name === 'crontab' ? undefined : await versionOf(name, { folder, env: { ...env } });
      return { ...finding, level: 'ok', says: `${version ?? 'it is there'}, ${use}` };
    }),
  );
}

function clockFinding(loop: Loop | undefined): Finding {
  const { wall } = realClock().now();
  const finding = { area: 'clock', name: 'clock' } as const;
  const now = new Date(wall).toISOString();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const says = `${localText(now, now)}, time zone ${zone}`;
  const mend = 'set the clock: calendars and limits of others go by it';
  if (wall < EARLIEST_MS) return { ...finding, level: 'missing', says: `${says}: it was never set`, mend };
  const state = loop && readState(realDisk(), loop.paths);
  const lastAt = state && 'progress' in state ? state.progress.lastTurnAt : undefined;
  if (lastAt !== undefined && Date.parse(lastAt) > wall + SKEW_MS)
    return {
      ...finding,
      level: 'warning',
      says: `${says}: the ledger was last written at ${lastAt}, which is to come`,
      mend,
    };
  return { ...finding, level: 'ok', says };
}

async function calendarFindings({ plan: { loop } }: Loop): Promise<readonly Finding[]> {
  const finding = { area: 'clock', name: 'next cycles' } as const;
  if (!loop.cron) {
    const says = `no calendar: ${formatDuration(loop.sleepMs)} after a cycle that passed`;
    return [{ ...finding, level: 'note', says }];
  }
  const { nextFireOf } = await import('../system/schedule.ts');
  const { expression, timezone } = loop.cron;
  const nextFire = nextFireOf(expression, timezone);
  const { wall } = realClock().now();
  const times: number[] = [];
  while (times.length < NEXT_SHOWN) times.push(nextFire(times.at(-1) ?? wall));
  const from = new Date(wall).toISOString();
  const says = times.map((at) => localText(new Date(at).toISOString(), from, timezone)).join(', ');
  return [{ ...finding, level: 'ok', says: `\`${expression}\` in ${timezone}: ${says}` }];
}

/** Each server says who it is by a variable of its own. */
const SERVERS: readonly (readonly [variable: string, name: string])[] = [
  ['GITHUB_ACTIONS', 'GitHub Actions'],
  ['GITLAB_CI', 'GitLab CI'],
  ['BUILDKITE', 'Buildkite'],
  ['JENKINS_URL', 'Jenkins'],
  ['TF_BUILD', 'Azure Pipelines'],
  ['CI', 'a CI server'],
];

function terminalFindings({ env }: CommandRequest): readonly Finding[] {
  const { isTerminal, columns, color } = openOutput(1, { color: 'auto', env });
  const size = isTerminal
    ? `a terminal of ${columns} columns (TERM ${env['TERM'] ?? 'is not set'})`
    : 'stdout is no terminal';
  const server = SERVERS.find(
    ([variable]) => env[variable] !== undefined && env[variable] !== '' && env[variable] !== 'false',
  );
  return [
    {
      area: 'terminal',
      name: 'terminal',
      level: 'ok',
      says: `${size}, ${color ? 'with' : 'without'} colours`,
    },
    {
      area: 'terminal',
      name: 'CI',
      level: 'ok',
      says: server === undefined ? 'none' : `${server[1]} (${server[0]} is set)`,
    },
  ];
}
