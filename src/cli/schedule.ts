// `gate-run schedule`: a crontab line or units of systemd that start this loop, printed for a person to put in place.

import { userInfo } from 'node:os';
import { basename, delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { fiveFields, isAmbiguous, onCalendar, readCalendar } from '../core/service/calendar.ts';
import { crontab } from '../core/service/crontab.ts';
import { stopBudgetMs } from '../core/service/stop-budget.ts';
import { units, type Unit } from '../core/service/units.ts';
import { EXIT } from '../core/loop/run-end.ts';
import { realClock } from '../system/clock.ts';
import { realDisk } from '../system/files.ts';
import { isFolder } from '../system/sizes.ts';
import { nextFireOf, ownTimezone, scheduleProblem } from '../system/schedule.ts';
import { gateRunBin } from '../system/self.ts';
import { localText } from '../views/local-time.ts';
import { LOOPING } from './loop-flags.ts';
import { loadLoop, type Loop } from './load.ts';
import type { CommandRequest } from './request.ts';
import { showProblems } from './say.ts';
import { refuse } from './state.ts';

const NEXT_SHOWN = 3;
/** Of the flags that were typed: those that a line in a file has in its own way, or has no use for. */
const NOT_FOR_STARTS: ReadonlySet<string> = new Set([
  'config',
  'folder',
  'json',
  'locked-ok',
  'color',
  'help',
]);

interface Wanted {
  readonly cron: boolean;
  readonly systemd: boolean;
  readonly expression?: string;
  readonly user: boolean;
  readonly to?: string;
}

export async function schedule(request: CommandRequest): Promise<number> {
  const wanted = wantedBy(request.args);
  if (typeof wanted === 'string') return refuse(request, 'schedule', wanted);
  const { folder, config, flags } = request;
  if (flags === undefined) throw new Error('bug: no flags');
  const loop = await loadLoop({ config, folder, flags }, { ...request.env });
  if ('problems' in loop) {
    await showProblems(loop, request);
    return EXIT.usage;
  }
  const calendar = wanted.cron ? calendarOf(loop, wanted) : undefined;
  if (calendar !== undefined && 'wrong' in calendar) return refuse(request, 'schedule', calendar.wrong);
  const start = { request, loop, wanted, calendar };
  return wanted.systemd ? printUnits(start) : printLine(start);
}

function wantedBy(args: readonly string[]): Wanted | string {
  let [cron, systemd, user] = [false, false, false];
  let expression: string | undefined;
  let to: string | undefined;
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? '';
    const [name = ''] = word.split('=', 1);
    const glued = name === word ? undefined : word.slice(name.length + 1);
    const next = glued ?? (args[at + 1]?.startsWith('--') === false ? args[at + 1] : undefined);
    const takesNext = name === '--cron' || name === '--to';
    if (name === '--cron') [cron, expression] = [true, next];
    else if (name === '--to') to = next ?? '';
    else if (word === '--systemd') systemd = true;
    else if (word === '--user') user = true;
    else return `does not know \`${word}\`; it takes ${OWN_FLAGS}, and the flags of a run`;
    if (takesNext && glued === undefined && next !== undefined) at++;
  }
  if (to === '') return '`--to` needs a folder';
  if (!cron && !systemd) return 'say for whom: `--cron "*/30 * * * *"`, `--systemd`, or both for a timer';
  if (!systemd && (user || to !== undefined)) return '`--user` and `--to` go with `--systemd`';
  return {
    cron,
    systemd,
    user,
    ...(expression !== undefined && { expression }),
    ...(to !== undefined && { to }),
  };
}

const OWN_FLAGS = '--cron [EXPRESSION], --systemd, --user, --to FOLDER';

interface When {
  readonly expression: string;
  /** Undefined: whatever the machine has by then. */
  readonly timezone: string | undefined;
}

/** The calendar that was typed, else the config's own. */
function calendarOf(
  { plan }: Loop,
  { expression: typed, systemd }: Wanted,
): When | { readonly wrong: string } {
  const { cron } = plan.loop;
  const text = typed ?? cron?.expression;
  if (text === undefined)
    return { wrong: 'needs a calendar: `--cron "*/30 * * * *"`, or `loop.cron` in the config' };
  const timezone = typed === undefined ? cron?.timezone : undefined;
  const expression = fiveFields(text);
  const wrong = expression === undefined ? undefined : scheduleProblem(expression, timezone ?? ownTimezone());
  if (expression === undefined || readCalendar(text) === undefined || wrong)
    return { wrong: `${wrong?.message ?? `\`${text}\` is no calendar that cron knows`}; ${FIELDS}` };
  const read = readCalendar(expression);
  if (read && isAmbiguous(read))
    return { wrong: `crons differ over \`${text}\`: a stepped star beside another day; write the days out` };
  const isElsewhere = timezone !== undefined && timezone !== ownTimezone();
  if (isElsewhere && !systemd) {
    const zones = `cron reckons in the time of this machine (${ownTimezone()}), and the config's calendar in ${timezone}`;
    return {
      wrong: `${zones}; \`--systemd --cron\` knows time zones, or type the calendar in the machine's`,
    };
  }
  return { expression, timezone: isElsewhere ? timezone : undefined };
}

const FIELDS = 'write five fields: minute, hour, day, month, weekday, such as "*/30 * * * *"';

interface Start {
  readonly request: CommandRequest;
  readonly loop: Loop;
  readonly wanted: Wanted;
  readonly calendar: When | undefined;
}

function printLine({ request, loop, calendar }: Start): number {
  if (!calendar) throw new Error('bug: no calendar');
  const { plan, paths } = loop;
  const text = crontab({
    ...common(request, loop),
    expression: calendar.expression,
    words: [...startOf(request, loop), '--locked-ok'],
    log: join(paths.stateDir, 'cron.log'),
  });
  if (typeof text !== 'string') return refuse(request, 'schedule', `${text.problem}: ${text.mend}`);
  const next = nextTimes(calendar);
  if (request.json) answer(request, { name: plan.name, crontab: text, next });
  else request.write(text);
  sayNext(request, calendar, next);
  return EXIT.passed;
}

function printUnits({ request, loop, wanted, calendar }: Start): number {
  const isLoop =
    calendar === undefined && !request.given?.some(({ name }) => LOOPING.some((one) => one === name));
  const made = units({
    ...common(request, loop),
    folder: loop.folder,
    words: [
      ...startOf(request, loop),
      ...(isLoop ? ['--continuous'] : []),
      ...(calendar === undefined ? [] : ['--locked-ok']),
    ],
    user: wanted.user ? undefined : userInfo().username,
    stopMs: stopBudgetMs(loop.plan),
    stopWithinMs: loop.plan.stopWithinMs,
    isBounded: loop.plan.ends.budget.length > 0 && loop.plan.ends.target.length === 0,
    calendar: calendar && onCalendar(fieldsOf(calendar.expression), calendar.timezone),
  });
  if ('problem' in made) return refuse(request, 'schedule', `${made.problem}: ${made.mend}`);
  const wrote =
    wanted.to === undefined ? undefined : writeAll(request, made, resolve(request.folder, wanted.to));
  if (wrote !== undefined && wrote !== EXIT.passed) return wrote;
  const next = calendar ? nextTimes(calendar) : [];
  if (request.json) answer(request, { name: loop.plan.name, units: made, next });
  else if (wrote === undefined) request.write(made.map(({ text }) => text).join('\n'));
  if (calendar) sayNext(request, calendar, next);
  return EXIT.passed;
}

function fieldsOf(expression: string): NonNullable<ReturnType<typeof readCalendar>> {
  const calendar = readCalendar(expression);
  if (!calendar) throw new Error('bug: a calendar that was read before');
  return calendar;
}

function writeAll(request: CommandRequest, made: readonly Unit[], folder: string): number {
  if (!isFolder(folder)) return refuse(request, 'schedule', `there is no folder ${folder}`);
  const others = made.find(({ file, text }) => isOfAnother(join(folder, file), text));
  if (others)
    return refuse(
      request,
      'schedule',
      `${join(folder, others.file)} is there already, and is not of this loop: give the loop another \`name\`, or take that file away`,
    );
  for (const { file, text } of made) {
    const failed = realDisk().replace(join(folder, file), new TextEncoder().encode(text), false);
    if (failed) {
      request.writeError(`gate-run schedule: ${join(folder, file)} could not be written: ${failed.failed}\n`);
      return EXIT.storage;
    }
    request.writeError(`${join(folder, file)}\n`);
  }
  return EXIT.passed;
}

/** Ours say in their first line which config they are from. */
function isOfAnother(path: string, text: string): boolean {
  const there = realDisk().read(path);
  if (there === undefined) return false;
  return !(there instanceof Uint8Array) || firstLine(new TextDecoder().decode(there)) !== firstLine(text);
}

function firstLine(text: string): string {
  return text.slice(0, text.indexOf('\n'));
}

function common(
  { env }: CommandRequest,
  { plan, folder, file }: Loop,
): { name: string; file: string; path: string; unset: readonly string[] } {
  const unset = Object.keys(env).filter((name) => name.startsWith('GATE_RUN_') && env[name]);
  return { name: plan.name, file: join(folder, basename(file)), path: pathFor(env['PATH']), unset };
}

function startOf({ given = [] }: CommandRequest, { folder, file }: Loop): readonly string[] {
  const flags = given.filter(({ name }) => !NOT_FOR_STARTS.has(name)).flatMap(({ words }) => words);
  return [process.execPath, gateRunBin(), '--config', join(folder, basename(file)), ...flags];
}

/** Whole folders that are there, each once; what npm put in front for this call is not there for the next one. */
function pathFor(path: string | undefined): string {
  const own = (path ?? '')
    .split(delimiter)
    .filter((part) => isAbsolute(part) && !CALLERS.test(part) && isFolder(part));
  return [...new Set([...own, dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'])].join(
    delimiter,
  );
}

const CALLERS = /\/node_modules\/|\/_npx\//;

function nextTimes({ expression, timezone = ownTimezone() }: When): readonly string[] {
  const nextFire = nextFireOf(expression, timezone);
  const times: string[] = [];
  for (let wall = realClock().now().wall; times.length < NEXT_SHOWN;) {
    wall = nextFire(wall);
    times.push(new Date(wall).toISOString());
  }
  return times;
}

function sayNext(request: CommandRequest, { timezone }: When, next: readonly string[]): void {
  const now = new Date(realClock().now().wall).toISOString();
  for (const time of next) request.writeError(`next: ${localText(time, now, timezone)}\n`);
}

function answer(request: CommandRequest, found: object): void {
  request.write(`${JSON.stringify({ schemaVersion: 1, exit: EXIT.passed, ...found }, undefined, 2)}\n`);
}
