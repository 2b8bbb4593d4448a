// The part of `doctor` that tries which limits of the plan's tasks can be held to here.

import type { Finding } from '../core/doctor/finding.ts';
import { listText } from '../core/summary/amounts.ts';
import { unheldIn } from '../core/summary/resources.ts';
import { openLimits } from '../system/limits/limits.ts';
import { limitKeys } from '../system/limits/no-limits.ts';
import type { Loop } from './load.ts';

const MEND =
  'start it as root, or where control groups are delegated to you; docs/resources.md says what is needed';

/** None where no task has a limit. Asked while the layers are open: groups with limits are made below theirs. */
export function limitFindings({ plan }: Loop): readonly Finding[] {
  const keys = limitKeys(plan);
  if (keys.length === 0) return [];
  const limits = openLimits(plan);
  limits.close();
  const finding = { area: 'limits', name: 'limits' } as const;
  const held = keys.filter((key) => limits.unheld[key] === undefined);
  const isHeld: Finding = {
    ...finding,
    level: 'ok',
    says: `tasks are held to ${listText(held, held.length)}`,
  };
  return [
    ...(held.length > 0 ? [isHeld] : []),
    ...unheldIn(limits).map((one): Finding => ({
      ...finding,
      level: 'warning',
      says: `tasks cannot be held to ${listText(one.limits, one.limits.length)}: ${one.why}`,
      mend: MEND,
    })),
  ];
}
