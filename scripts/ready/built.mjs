// Answers whether the command's bundle was made from the sources as they are now. It builds nothing.

import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

export const BUNDLE = 'dist/bundle';
export const STAMP = 'dist/bundle/stamp.json';

/** Everything that can change a byte of the bundle. */
const FOLDERS = ['src', 'scripts/ready'];
const FILES = ['package.json', 'package-lock.json', 'tsconfig.json', 'scripts/build.mjs'];

/** Undefined when the bundle is current, else the reason to build. */
export function buildProblem(root) {
  let stamp;
  try {
    stamp = JSON.parse(readFileSync(join(root, STAMP), 'utf8'));
    if (!Array.isArray(stamp.files)) return 'the last build is not on record';
  } catch {
    return 'the last build is not on record';
  }
  if (stamp.key !== sourceKey(root)) return 'the sources changed since the last build';
  const lost = stamp.files.find(([name, size]) => sizeOf(join(root, BUNDLE, name)) !== size);
  return lost === undefined ? undefined : `${lost[0]} of the last build is missing or cut short`;
}

/** Hashes what the files hold, never their times: a checkout or a copy moves those. A few milliseconds for this project. */
export function sourceKey(root) {
  const hash = createHash('sha256');
  const paths = FOLDERS.flatMap((folder) => filesUnder(root, folder)).concat(FILES);
  for (const path of paths.toSorted((a, b) => (a < b ? -1 : 1))) {
    const bytes = readFileSync(join(root, path));
    hash.update(`${path} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}

function filesUnder(root, folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return filesUnder(root, path);
    return entry.isFile() ? [path] : [];
  });
}

function sizeOf(path) {
  return statSync(path, { throwIfNoEntry: false })?.size;
}
