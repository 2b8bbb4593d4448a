// What may be called how: ids of phases, tasks, metrics, variables; names of environment variables.

import { clip } from './describe.ts';
import type { Path } from './problem.ts';
import { entries, type Report } from './report.ts';

const ID = /^[A-Za-z][A-Za-z0-9_-]*$/;
const LONGEST_ID = 80;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Keys of a map that name something of this config. */
export function checkIds(map: unknown, path: Path, report: Report): void {
  for (const [id] of entries(map)) {
    const wrong = idFault(id);
    if (wrong !== undefined) report({ path: [...path, id], on: 'key', ...wrong });
  }
}

function idFault(id: string): { message: string; mend: string } | undefined {
  if (id in Object.prototype) {
    return { message: `\`${id}\` cannot be an id: the name is taken`, mend: 'choose another word' };
  }
  if (id.length > LONGEST_ID) {
    return { message: `the id \`${clip(id)}\` is longer than ${LONGEST_ID} letters`, mend: 'shorten it' };
  }
  if (ID.test(id)) return undefined;
  const isLateLetter = !/^[A-Za-z]/.test(id);
  const message = isLateLetter
    ? `the id \`${clip(id)}\` does not start with a letter`
    : `the id \`${clip(id)}\` holds more than letters, digits, \`-\` and \`_\``;
  const better = id.replaceAll(/[^A-Za-z0-9_-]+/g, '-').replace(/^[^A-Za-z]+/, '');
  return { message, mend: ID.test(better) ? `call it \`${better}\`` : 'start with a letter from a to z' };
}

/** Keys of `env.set`: names that a shell can read. */
export function checkVariableNames(set: unknown, path: Path, report: Report): void {
  for (const [name] of entries(set)) {
    const at = { path: [...path, name], on: 'key' } as const;
    if (!VARIABLE.test(name)) {
      const mend = 'letters, digits and `_`, not starting with a digit';
      report({ ...at, message: `\`${clip(name)}\` is no name of an environment variable`, mend });
    } else if (name.startsWith('GATE_')) {
      report({
        ...at,
        message: `\`${name}\` is set by gate-run itself`,
        mend: 'choose a name without `GATE_`',
      });
    }
  }
}
