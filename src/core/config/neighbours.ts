// Words that other tools use for what gate-run calls differently: a newcomer's first config speaks them.

import type { Room } from './room.ts';

interface Neighbour {
  readonly words: readonly string[];
  readonly rooms: readonly Room[];
  /** What to write here. */
  readonly write: string;
}

const TASK: readonly Room[] = ['task', 'gate'];
const TASK_OR_PHASE: readonly Room[] = ['task', 'phase'];

const NEIGHBOURS: readonly Neighbour[] = [
  {
    words: [
      'continue-on-error',
      'continue_on_error',
      'allow_failure',
      'allow-failure',
      'soft_fail',
      'soft-fail',
      'ignore_error',
      'ignore-errors',
      'ignore_errors',
      'optional',
    ],
    rooms: TASK,
    write: 'mode: soft',
  },
  { words: ['if', 'only-if', 'condition', 'only', 'rules'], rooms: TASK_OR_PHASE, write: 'when' },
  {
    words: ['depends_on', 'depends-on', 'dependsOn', 'depends', 'deps', 'dependencies', 'requires', 'after'],
    rooms: TASK,
    write: 'needs',
  },
  {
    words: ['script', 'scripts', 'cmd', 'cmds', 'command', 'commands', 'exec', 'entry', 'args', 'sh'],
    rooms: TASK,
    write: 'run',
  },
  { words: ['environment', 'variables', 'vars'], rooms: TASK, write: 'env: { set: { NAME: value } }' },
  {
    words: ['timeout-minutes', 'timeout_minutes', 'timeout_in_minutes', 'time-limit'],
    rooms: TASK_OR_PHASE,
    write: 'timeout: 10m',
  },
  { words: ['retries', 'max-retries', 'attempts'], rooms: TASK, write: 'retry: { limit: 2 }' },
  { words: ['working-directory', 'working_directory', 'workdir', 'dir', 'chdir'], rooms: TASK, write: 'cwd' },
  {
    words: ['parallel', 'max-parallel', 'concurrency', 'max_parallel', 'workers'],
    rooms: ['file', 'profile', 'phase'],
    write: 'jobs',
  },
  {
    words: ['fail-fast', 'fail_fast', 'strategy'],
    rooms: ['file', 'phase'],
    write: 'policy: kill (on a phase)',
  },
  { words: ['stages', 'pipeline', 'tasks'], rooms: ['file'], write: 'phases' },
  { words: ['steps', 'gates'], rooms: ['file'], write: 'phases: { NAME: { steps: …, gates: … } }' },
  {
    words: ['variables', 'env', 'environment'],
    rooms: ['file', 'profile'],
    write: 'vars, or defaults: { env: … }',
  },
  { words: ['tasks', 'checks', 'jobs'], rooms: ['phase'], write: 'gates' },
  {
    words: ['per', 'seeds', 'max-failed', 'stop-early'],
    rooms: ['stage'],
    write: 'gates: { NAME: { per: seed, stages: … } }',
  },
  { words: ['name', 'id'], rooms: ['task', 'phase'], write: 'the id itself: the key above names it' },
  {
    words: ['on', 'triggers', 'schedule'],
    rooms: ['file'],
    write: 'nothing: gate-run is started by a person, cron or CI',
  },
];

/** What gate-run calls this, if other tools use the word for something gate-run has. */
export function neighbourWord(room: Room, key: string): string | undefined {
  return NEIGHBOURS.find(({ words, rooms }) => rooms.includes(room) && words.includes(key))?.write;
}
