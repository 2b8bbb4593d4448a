// Units of systemd for a loop that stays, or for a start by the calendar. Each setting that is not obvious says why beside it.

import { formatDuration } from '../config/quantity.ts';
import { argumentWord, commentText, unitLine, unitWord } from './words.ts';

export interface Service {
  readonly name: string;
  /** The config and its folder, absolute. */
  readonly file: string;
  readonly folder: string;
  /** Node, the script, and every word behind it. */
  readonly words: readonly string[];
  readonly path: string;
  /** Who runs it; undefined: a unit of `systemctl --user`, which runs as its owner. */
  readonly user: string | undefined;
  /** Infinity: it waits as long as it takes. */
  readonly stopMs: number;
  readonly stopWithinMs: number;
  /** Lines for `OnCalendar=`; undefined: the loop stays. */
  readonly calendar: readonly string[] | undefined;
  /** A budget may end a run with the code of its last cycle, because no target says otherwise. */
  readonly isBounded: boolean;
  /** Variables that change the plan here, and that the unit will not have. */
  readonly unset: readonly string[];
}

export interface Unit {
  /** `gate-run-prices.service`. */
  readonly file: string;
  readonly text: string;
}

/** Or why there can be none. */
export function units(
  service: Service,
): readonly Unit[] | { readonly problem: string; readonly mend: string } {
  if ([service.folder, service.file, service.path].some((path) => /\p{Cc}/u.test(path)))
    return {
      problem: 'a unit of systemd takes no line break or other control character in a path',
      mend: 'give the folder another name',
    };
  const base = `gate-run-${service.name.replaceAll(/[^\w.-]+/g, '-').replaceAll(/^-+|-+$/g, '') || 'loop'}`;
  const own: Unit = { file: `${base}.service`, text: serviceText(service, base) };
  if (service.calendar === undefined) return [own];
  return [own, { file: `${base}.timer`, text: timerText(service, base, service.calendar) }];
}

function serviceText(service: Service, base: string): string {
  const { name, file, calendar, user, unset } = service;
  const place = user === undefined ? '~/.config/systemd/user' : '/etc/systemd/system';
  const systemctl = user === undefined ? 'systemctl --user' : 'systemctl';
  const what = calendar === undefined ? `${base}.service` : `${base}.timer`;
  return lines([
    `# ${base}.service: gate-run ${commentText(name)}, from ${commentText(file)}`,
    `# Put it into ${place}, then: ${systemctl} daemon-reload && ${systemctl} enable --now ${what}`,
    ...(user === undefined
      ? ['# It runs while you are logged in; to go on without you: loginctl enable-linger']
      : []),
    ...(unset.length === 0 ? [] : [`# Set here, and not in the unit: ${unset.join(', ')}`]),
    '',
    '[Unit]',
    `Description=gate-run ${unitLine(commentText(name))}`,
    ...(user === undefined ? [] : ['Wants=network-online.target', 'After=network-online.target']),
    ...(calendar === undefined
      ? [
          '# Starts that die are slowed down by gate-run itself, which counts them over reboots; systemd must not be the one to end the loop.',
          'StartLimitIntervalSec=0',
        ]
      : []),
    '',
    '[Service]',
    `Type=${calendar === undefined ? 'exec' : 'oneshot'}`,
    ...(user === undefined ? [] : [`User=${unitLine(user)}`]),
    `WorkingDirectory=${unitLine(service.folder)}`,
    '# The PATH of the shell that printed this: tasks find the same tools.',
    `Environment=${unitWord(`PATH=${service.path}`)}`,
    `ExecStart=${command(service.words)}`,
    ...HOLDING,
    ...stopping(service),
    ...exits(calendar === undefined, service.isBounded),
    ...(calendar === undefined
      ? ['', '[Install]', `WantedBy=${user === undefined ? 'default' : 'multi-user'}.target`]
      : []),
  ]);
}

function command([program = '', ...words]: readonly string[]): string {
  return [unitWord(program), ...words.map(argumentWord)].join(' ');
}

/** What `systemd-run --scope` would be for, of a service. */
const HOLDING = [
  '# gate-run makes control groups below that of the service, one for each task, so that nothing of a task outlives it.',
  'Delegate=yes',
];

function stopping({ stopMs, stopWithinMs }: Service): readonly string[] {
  const seconds = stopMs === Infinity ? 'infinity' : String(Math.ceil(stopMs / SECOND_MS));
  return [
    '',
    '# TERM goes to gate-run alone, which ends its tasks itself, in order and with their grace; what is left behind it is killed.',
    'KillMode=mixed',
    'KillSignal=SIGTERM',
    `# Above stop-within (${formatDuration(stopWithinMs)}), the longest kill-after and the limits of what always cleans up: a KILL in between would leave an interrupted cycle.`,
    `TimeoutStopSec=${seconds}`,
    '# A task that runs out of memory is judged by gate-run; the default would end the whole loop for it.',
    'OOMPolicy=continue',
  ];
}

const SECOND_MS = 1000;

/** Every exit code of gate-run, thought through for a manager that starts things again. */
function exits(stays: boolean, isBounded: boolean): readonly string[] {
  const success = [
    '',
    '# 6: stopped as somebody asked. 130 and 143: forced by a second signal. Wishes, no faults.',
    'SuccessExitStatus=6 130 143',
  ];
  if (!stays) return success;
  const ready = isBounded
    ? []
    : [
        '# and a world that was not ready (3: a start phase that did not pass, or something that could not be measured).',
      ];
  const ended = isBounded
    ? [
        '#   3 the budget is spent and something could not be measured in the last cycle: a new run would have a fresh budget',
      ]
    : [];
  return [
    ...success,
    '# Started again after what may be better in a while: a kill, a crash (70), a lock that another run held (7), a disk that failed (8)',
    ...ready,
    'Restart=on-failure',
    'RestartSec=30s',
    '# Never after what would be the same again, or would undo a rule of the config:',
    '#   0 (target met, or over and green) and 1 (over, and the last cycle failed): the run ended by its own rule; a new one would have a fresh budget',
    '#   2 the command line or the config has a problem · 4 gave up · 5 the budget is spent and the target not met',
    ...ended,
    '#   6, 130, 143 somebody stopped it · 9 a protected file changed, which a person has to look at · 78 this Node is too old',
    `RestartPreventExitStatus=0 1 2${isBounded ? ' 3' : ''} 4 5 6 9 78 130 143`,
  ];
}

function timerText({ name }: Service, base: string, calendar: readonly string[]): string {
  return lines([
    `# ${base}.timer: when ${base}.service is started`,
    '',
    '[Unit]',
    `Description=gate-run ${unitLine(commentText(name))}, by the calendar`,
    '',
    '[Timer]',
    ...calendar.map((line) => `OnCalendar=${line}`),
    'AccuracySec=1s',
    '# What was missed while the machine was off is not made up for; while a cycle is under way no second one begins.',
    'Persistent=false',
    `Unit=${base}.service`,
    '',
    '[Install]',
    'WantedBy=timers.target',
  ]);
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
