// What a run says of its tasks, from the object that `--json` prints; and loops in which every gate is heard out.

import type { Ended } from '../rig.ts';
import { loop } from '../rig.ts';

export interface Judged {
  readonly verdict: string;
  readonly outcome: string | null;
  readonly durationMs: number;
  readonly reasons: readonly string[];
  readonly metrics: Readonly<Record<string, number>>;
  readonly log: string | null;
}

/** A loop of one phase whose gates all run, whatever the others do; `gates` is YAML as under `gates:`. */
export function hearAll(gates: string, top = ''): Readonly<Record<string, string>> {
  const files = loop(gates, top);
  return {
    'loop.config.yaml':
      files['loop.config.yaml']?.replace('  check:\n', '  check:\n    policy: keep-going\n') ?? '',
  };
}

export function judged({ stdout }: Pick<Ended, 'stdout'>): Readonly<Record<string, Judged>> {
  const result: { readonly tasks: readonly (Judged & { readonly id: string })[] } = JSON.parse(stdout);
  return Object.fromEntries(result.tasks.map((task) => [task.id, task]));
}

/** `verdict outcome`, by task. */
export function endings(tasks: Readonly<Record<string, Judged>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(tasks).map(([id, { verdict, outcome }]) => [id, `${verdict} ${outcome ?? '-'}`]),
  );
}

export function everyEnding(
  tasks: Readonly<Record<string, Judged>>,
  ending: string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(tasks).map((id) => [id, ending]));
}
