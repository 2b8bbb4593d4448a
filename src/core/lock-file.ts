// Whether npm's lock file names everything that an install on any platform would ask it for.
// npm leaves entries out when a platform's package was missing on the day of the install, and only `npm ci` elsewhere finds out.

import type { Problem } from './config/problem.ts';
import { isMap } from './is-map.ts';

export interface LockReport {
  /** How many packages the lock file has entries for. */
  readonly packages: number;
  readonly problems: readonly Problem[];
}

/** What a package needs from the lock; peers are not among them, since an install may leave those out. */
const NEEDED = ['dependencies', 'optionalDependencies'] as const;

type Entry = Readonly<Record<string, unknown>>;

export function checkLock(text: string): LockReport {
  const entries = entriesOf(text);
  if (typeof entries === 'string') return { packages: 0, problems: [{ message: entries, mend: MEND }] };
  const problems: Problem[] = [];
  for (const [place, entry] of entries) {
    for (const list of place === '' ? [...NEEDED, 'devDependencies'] : NEEDED) {
      for (const name of Object.keys(recordOf(entry[list]) ?? {})) {
        if (isThere(name, place, entries)) continue;
        const who = place === '' ? 'the project' : `\`${place}\``;
        problems.push({
          message: `${who} names \`${name}\` in ${list}, but the lock file has no entry for it`,
          mend: MEND,
        });
      }
    }
  }
  return { packages: entries.size, problems };
}

const MEND =
  'remove node_modules and package-lock.json, run `npm install`, and check again; where it stays, pin a version that has all its packages';

function entriesOf(text: string): ReadonlyMap<string, Entry> | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'the lock file is no JSON';
  }
  const packages = recordOf(recordOf(json)?.['packages']);
  if (packages === undefined) return 'the lock file has no `packages`: it is none of npm 7 or newer';
  const entries = new Map<string, Entry>();
  for (const [place, entry] of Object.entries(packages)) entries.set(place, recordOf(entry) ?? {});
  return entries;
}

/** As Node resolves: in the package's own node_modules, then in those of the folders above. */
function isThere(name: string, place: string, entries: ReadonlyMap<string, Entry>): boolean {
  let folder = place;
  for (;;) {
    if (entries.has(folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`)) return true;
    if (folder === '') return false;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')));
  }
}

function recordOf(value: unknown): Entry | undefined {
  return isMap(value) ? value : undefined;
}
