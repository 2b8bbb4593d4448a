// Which attempt a process belongs to: gate-run's own variables in its environment, which its children inherit.

import { readFileSync } from 'node:fs';
import { isMap } from '../core/is-map.ts';
import { RUNG_VARIABLE } from '../core/plan/sims-order.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The names whose values together tell one attempt from another; of a rung's simulations each has a count of its own. */
const MARKS = ['GATE_RUN', 'GATE_CYCLE', 'GATE_TASK', 'GATE_ATTEMPT'] as const;

/** The mark of an attempt's environment; undefined when it carries none. */
export function markOf(env: Environment): string | undefined {
  if (env['GATE_RUN'] === undefined || env['GATE_TASK'] === undefined) return undefined;
  const rung = env[RUNG_VARIABLE] ?? env['GATE_COUNT'] ?? '';
  return `${MARKS.map((name) => `${name}=${env[name] ?? ''}`).join(' ')} rung=${rung}`;
}

/** Where a gate-run is a task of another one: the marks of the attempts that it runs in, a line of JSON each. Its own tasks are theirs as well. */
const OUTER = 'GATE_OUTER';
const TOLD = [...MARKS, RUNG_VARIABLE, 'GATE_COUNT', 'GATE_STATE'] as const;

/** What tasks of a gate-run with this environment inherit beside their own marks. */
export function outerMarks(env: Environment): Readonly<Record<string, string>> {
  if (markOf(env) === undefined) return {};
  const own = Object.fromEntries(
    TOLD.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  );
  return { [OUTER]: [JSON.stringify(own), ...(env[OUTER] === undefined ? [] : [env[OUTER]])].join('\n') };
}

/** The marks of a process of this run, or of one of its family; undefined: it is dead, somebody else's, or of another run. */
export function marksIn(pid: number, run: string, isFamily = false): Environment | undefined {
  const text = environOf(pid);
  const isIn = text.includes(`"GATE_RUN":"${run}${isFamily ? '-' : '"'}`);
  if (!isIn && !text.includes(`GATE_RUN=${run}${isFamily ? '-' : '\0'}`)) return undefined;
  const env: Record<string, string> = {};
  for (const pair of text.split('\0')) {
    const at = pair.indexOf('=');
    if (at > 0) env[pair.slice(0, at)] = pair.slice(at + 1);
  }
  return [env, ...outerIn(env)].find(({ GATE_RUN: name = '' }) => {
    return name === run || (isFamily && name.startsWith(`${run}-`));
  });
}

/** Anybody may have written it. */
function outerIn({ [OUTER]: lines = '' }: Environment): readonly Environment[] {
  return lines.split('\n').flatMap((line) => {
    try {
      const told: unknown = JSON.parse(line);
      return isMap(told)
        ? [Object.fromEntries(Object.entries(told).map(([name, value]) => [name, String(value)]))]
        : [];
    } catch {
      return [];
    }
  });
}

/** Of a dead process, or of somebody else's, it is empty. */
function environOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}
