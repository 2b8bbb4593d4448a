// What a run makes itself, or stands on: nothing else may be written there.

import { joinPath } from './path.ts';
import type { Plan } from './plan.ts';

const OWN_FILES = ['lock.db', 'owner.json', 'replace.json', 'checkpoint.json', '.gitignore'];

/** As written, each with a word for it. `config`: what its file is called. */
export function ownPaths(
  { state, questions }: Pick<Plan, 'state' | 'questions'>,
  config: string | undefined,
): readonly (readonly [path: string, what: string])[] {
  return [
    [state.history, 'the ledger'],
    [state.latest, 'the summary for scripts'],
    [state.cycles, 'the folder of the cycles'],
    [questions.file, 'the questions file'],
    ...OWN_FILES.map((name) => [`${state.dir}/${name}`, 'a file of gate-run itself'] as const),
    [state.dir, 'the state directory'],
    ...(config === undefined ? [] : [[config, 'the config'] as const]),
  ];
}

/** Seen from a folder that stands for the config's. */
export function absolute(path: string): string {
  return joinPath('/config/folder', path);
}
