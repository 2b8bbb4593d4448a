// Which layers this machine and this user can have. Asked by the tests themselves: gate-run that wrongly finds none is red.

import { spawnSync } from 'node:child_process';
import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { unifiedFolder } from '../../src/system/cgroup-tree.ts';

const CAN_BE_HAD = { group: () => true, cgroup: canGroup, bwrap: canBwrap };
type Layer = keyof typeof CAN_BE_HAD;
const LAYERS: readonly Layer[] = ['group', 'cgroup', 'bwrap'];

export const LAYERS_HERE: readonly Layer[] = LAYERS.filter((layer) => {
  const canBeHad = CAN_BE_HAD[layer]();
  if (!canBeHad) console.log(`the layer \`${layer}\` cannot be had here, and was not tried`);
  return canBeHad;
});

function canGroup(): boolean {
  const base = unifiedFolder();
  if (base === undefined) return false;
  const folder = join(base, `layers-here-${process.pid}`);
  try {
    mkdirSync(folder);
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

function canBwrap(): boolean {
  const words = ['--dev-bind', '/', '/', '--proc', '/proc', '--unshare-pid', 'true'];
  return spawnSync('bwrap', words).status === 0;
}
