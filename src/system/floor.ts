// Whether a disk still has the room that a run needs to end in good order.

import { freeSpace } from './log.ts';

/** Below this much free space no attempt starts or goes on; on a small disk, below this share of it. */
const FREE_FLOOR_BYTES = 33_554_432;
const FREE_FLOOR_SHARE = 1 / 32;

export function isBelowFloor(path: string): boolean {
  const space = freeSpace(path);
  return space !== undefined && space.free < Math.min(FREE_FLOOR_BYTES, space.total * FREE_FLOOR_SHARE);
}
