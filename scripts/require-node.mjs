// Says in one line when the Node at hand cannot run gate-run's sources, and ends with 78. It installs nothing.
// Written in the oldest syntax that modules have, so that an old Node reaches the message.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);

/** The range that package.json promises to users. */
export function supportedRange() {
  return JSON.parse(readFileSync(new URL('package.json', root), 'utf8')).engines.node;
}

/** Knows the two forms this project writes: `^22.18.0` (same major, at least) and `>=26.0.0`. */
export function isAllowed(range, version) {
  const have = numbers(version);
  return range.split('||').some((part) => {
    const text = part.trim();
    const least = numbers(text);
    if (text.startsWith('^') && have[0] !== least[0]) return false;
    return isAtLeast(have, least);
  });
}

/** What npm itself needs to install this project whole: below it, npm leaves native packages out. */
export const NPM_RANGE = '>=20.19.0';

function numbers(text) {
  return text.replace(/^\D+/, '').split('-')[0].split('.').map(Number);
}

function isAtLeast(have, least) {
  for (let i = 0; i < 3; i += 1) {
    if (have[i] !== least[i]) return have[i] > least[i];
  }
  return true;
}

/** Ends the process with 78 unless this Node is in the range. */
export function requireNode(range, version = process.versions.node) {
  if (isAllowed(range, version)) return;
  const where = process.execPath;
  const mend =
    range === NPM_RANGE
      ? 'install a newer Node from nodejs.org; the exact one for this project is then fetched by npm'
      : 'start it as `npm start`, `npm test` or `npm run …`: these install and use the Node pinned in package.json';
  process.stderr.write(`gate-run: Node ${version} (${where}) cannot do this, it needs ${range}; ${mend}\n`);
  process.exit(78);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) requireNode(supportedRange());
