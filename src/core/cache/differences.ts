// What differs between two keys, in words: `its command changed`, `src/a.ts changed`. Files come last, by path.

import type { KeyParts } from './key.ts';

/** By path, a sum of its content. */
export type FileSums = ReadonlyMap<string, string>;

/** `before` of the last answer. Files are undefined where it is not known any more which they were. */
export function differences(
  before: { readonly parts: KeyParts; readonly files: FileSums | undefined },
  now: { readonly parts: KeyParts; readonly files: FileSums },
): readonly string[] {
  const said = [
    ...(before.parts.platform === now.parts.platform
      ? []
      : [`the platform was ${before.parts.platform}, and is ${now.parts.platform}`]),
    ...(before.parts.command === now.parts.command ? [] : ['its command changed']),
    ...(before.parts.definition === now.parts.definition ? [] : ['its definition changed']),
    ...namesThatDiffer(before.parts.env, now.parts.env).map((name) => `${name} changed`),
    ...namesThatDiffer(before.parts.versions, now.parts.versions).map((command) =>
      versionText(command, before.parts.versions[command], now.parts.versions[command]),
    ),
  ];
  if (before.parts.files === now.parts.files) return said;
  if (before.files === undefined) return [...said, 'its files changed; which is no longer known'];
  return [...said, ...fileDifferences(before.files, now.files)];
}

function namesThatDiffer(
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...names].filter((name) => before[name] !== now[name]).toSorted();
}

function versionText(command: string, before: string | undefined, now: string | undefined): string {
  if (before === undefined || now === undefined)
    return `\`${command}\` is ${now === undefined ? 'no longer' : 'newly'} asked`;
  return `\`${command}\` said ${before}, and says ${now}`;
}

function fileDifferences(before: FileSums, now: FileSums): readonly string[] {
  const paths = [...new Set([...before.keys(), ...now.keys()])].toSorted();
  return paths.flatMap((path) => {
    const [old, young] = [before.get(path), now.get(path)];
    if (old === young) return [];
    if (old === undefined) return [`${path} added`];
    return [`${path} ${young === undefined ? 'removed' : 'changed'}`];
  });
}
