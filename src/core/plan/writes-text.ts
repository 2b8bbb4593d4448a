// What a plan says of `writes`, as a person would write it.

import type { WritesPlan } from './writes.ts';

export function writesSetting({ files, lines, only, onViolation }: WritesPlan): string {
  const caps = [
    ...(files === undefined ? [] : [`at most ${files} file${files === 1 ? '' : 's'}`]),
    ...(lines === undefined ? [] : [`at most ${lines} line${lines === 1 ? '' : 's'}`]),
    ...(only === undefined ? [] : [`only ${only.join(', ')}`]),
  ];
  const then = onViolation === 'restore' ? ', else put back' : '';
  return `${caps.join(', ')}${then}; it runs alone`;
}
