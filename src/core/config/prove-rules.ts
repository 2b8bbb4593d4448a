// What zod cannot say about `prove`: that it plants something, and that every path stays in the folder.

import { isMap } from '../is-map.ts';
import type { Path } from './problem.ts';
import { entries, type Report } from './report.ts';

const PARTS = ['write', 'append', 'remove', 'with'] as const;

/** `hasGate`: the task uses a gate whose parameters could be others. */
export function checkProve(prove: unknown, path: Path, hasGate: boolean, report: Report): void {
  if (!isMap(prove)) return;
  if (PARTS.every((part) => isEmpty(prove[part]))) {
    const mend = "such as `prove: { append: { 'src/**/*.ts': 'const text: string = 1;' } }`";
    report({ path, on: 'key', message: '`prove` plants nothing', mend });
  }
  for (const part of ['write', 'append'] as const)
    for (const [name] of entries(prove[part])) checkPlace(name, [...path, part, name], 'key', report);
  const { remove } = prove;
  if (Array.isArray(remove))
    for (const [at, name] of remove.entries()) checkPlace(name, [...path, 'remove', at], 'value', report);
  if (hasGate || prove['with'] === undefined) return;
  const mend = 'add `uses: GATE`, or plant files';
  report({ path: [...path, 'with'], on: 'key', message: '`with` says nothing without `uses`', mend });
}

function isEmpty(part: unknown): boolean {
  return Array.isArray(part) ? part.length === 0 : entries(part).length === 0;
}

function checkPlace(name: unknown, path: Path, on: 'key' | 'value', report: Report): void {
  if (typeof name !== 'string') return;
  const mend = 'name a path below the folder of the config';
  if (leadsOut(name))
    report({
      path,
      on,
      message: `\`${name}\` leads out of the folder, and only a copy of that is planted in`,
      mend,
    });
  else if (name.split('/').every((part) => part === '' || part === '.'))
    report({ path, on, message: `\`${name}\` is the folder itself`, mend });
}

/** Whether a path or a glob could mean something that is not below the folder; a leading `!` takes away and leads nowhere. */
export function leadsOut(name: string): boolean {
  return name.startsWith('/') || name.split('/').includes('..');
}
