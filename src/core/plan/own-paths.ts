// What a run makes itself, or stands on: nothing else may be written there.

import { joinPath } from './path.ts';
import type { Plan, ReporterPlan } from './plan.ts';
import { reportPlaces } from './report-place.ts';

const OWN_FILES = ['lock.db', 'owner.json', 'replace.json', 'checkpoint.json', 'reserve', '.gitignore'];

/** As written, each with a word for it. `config`: what its file is called. */
export function ownPaths(
  { state, questions, reporters }: Pick<Plan, 'state' | 'questions' | 'reporters'>,
  config: string | undefined,
): readonly (readonly [path: string, what: string])[] {
  return [
    [state.history, 'the ledger'],
    [state.latest, 'the summary for scripts'],
    [state.cycles, 'the folder of the cycles'],
    [questions.file, 'the questions file'],
    ...filesTaken(state.dir, config),
    [state.dir, 'the state directory'],
    ...reporters.flatMap((one) => filesOf(one).map((file) => [file, `the report of ${one.name}`] as const)),
  ];
}

/** What stands where it stands, whatever the config says. */
export function filesTaken(
  stateDir: string,
  config: string | undefined,
): readonly (readonly [path: string, what: string])[] {
  return [
    ...OWN_FILES.map((name) => [absolute(`${stateDir}/${name}`), 'a file of gate-run itself'] as const),
    ...(config === undefined ? [] : [[absolute(config), 'the config'] as const]),
  ];
}

/** All that a reporter writes. */
export function filesOf({ name, file }: ReporterPlan): readonly string[] {
  if (file === undefined) return [];
  const places = name === 'report' ? reportPlaces(file) : undefined;
  return places ? [places.markdown, places.html] : [file];
}

/** Seen from a folder that stands for the config's. */
export function absolute(path: string): string {
  return joinPath('/config/folder', path);
}

export type OwnParts = Pick<Plan, 'state' | 'questions' | 'reporters' | 'loop'> & {
  readonly cache?: Plan['cache'] | undefined;
};

/** All of it as globs that take away, but what the loop's folder itself lies in. */
export function exceptOwn(own: OwnParts): readonly string[] {
  const taken = [
    ...ownPaths(own, undefined),
    [own.loop.stopFile, 'the stop file'] as const,
    ...(own.cache ? [[own.cache.dir, 'the cache'] as const] : []),
  ];
  return [...new Set(taken.map(([path]) => path))].flatMap((path) =>
    isAround(path) ? [] : [`!${path}`, `!${path}/**`],
  );
}

function isAround(path: string): boolean {
  return `${absolute('.')}/`.startsWith(`${absolute(path)}/`);
}
