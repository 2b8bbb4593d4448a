// What a namespace of processes takes away beside them, where a task asks for that: writing outside of a few places, and a /tmp of everybody.

import type { SandboxConfig } from '../config/holding-config.ts';
import type { IsolationPlan } from './isolation.ts';
import type { Reader } from './reader.ts';

export interface SandboxPlan {
  /** Nothing can be written but what `writable` names, the folder of the cycle, and devices. */
  readonly isReadOnly: boolean;
  /** In a plan as written, from the config's folder; in an order absolute. */
  readonly writable: readonly string[];
  /** Empty at each start, and gone with it. */
  readonly hasOwnTmp: boolean;
}

export const SANDBOX_KEYS = ['root', 'writable', 'tmp'] as const;

const PATH = 'isolation';

/** Undefined: nothing of it is asked for, or something is wrong with it. */
export function readSandbox(
  written: SandboxConfig,
  { layer, fallback }: Pick<IsolationPlan, 'layer' | 'fallback'>,
  reader: Reader,
): SandboxPlan | undefined {
  const key = SANDBOX_KEYS.find((one) => written[one] !== undefined);
  if (key === undefined) return undefined;
  if (layer !== 'bwrap') {
    reader.say([PATH, key], `\`${key}\` says nothing in the layer \`${layer}\``, {
      on: 'key',
      mend: layer === 'container' ? 'leave it out: `mounts` say what can be written' : 'write `layer: bwrap`',
    });
    return undefined;
  }
  if (fallback)
    reader.say([PATH, key], 'a weaker layer takes nothing away, and `fallback: true` lets a task have one', {
      on: 'key',
      mend: 'leave `fallback` out: where the layer cannot be had, nothing is started then',
    });
  const { root, writable = [], tmp } = written;
  if (writable.length > 0 && root === undefined)
    reader.say([PATH, 'writable'], '`writable` says nothing where everything can be written', {
      on: 'key',
      mend: 'add `root: read-only`',
    });
  const paths = writable.flatMap((one, at) => {
    const path = reader.text(one, [PATH, 'writable', at]);
    if (path?.trim() === '') reader.say([PATH, 'writable', at], 'an empty path');
    return path === undefined ? [] : [path];
  });
  return { isReadOnly: root !== undefined, writable: paths, hasOwnTmp: tmp !== undefined };
}

export function sandboxText({ isReadOnly, writable, hasOwnTmp }: SandboxPlan): string {
  const but = writable.length === 0 ? '' : ` but for ${writable.join(', ')}`;
  return [...(isReadOnly ? [`read-only${but}`] : []), ...(hasOwnTmp ? ['a /tmp of its own'] : [])].join(', ');
}
