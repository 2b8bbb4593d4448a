// The part of `doctor` that tries which limits of the plan's tasks can be held to here.

import type { Finding } from '../core/doctor/finding.ts';
import { listText } from '../core/summary/amounts.ts';
import { unheldIn } from '../core/summary/resources.ts';
import { openLimits } from '../system/limits/limits.ts';
import { limitKeys } from '../system/limits/no-limits.ts';
import type { Loop } from './load.ts';
import { beginUnits } from './units.ts';

const MEND =
  'start it as root, or where control groups are delegated to you; docs/resources.md says what is needed';

/** None where no task has a limit. */
export async function limitFindings({ plan }: Loop): Promise<readonly Finding[]> {
  const keys = limitKeys(plan);
  if (keys.length === 0) return [];
  const units = beginUnits(plan);
  await units.units();
  const limits = openLimits(plan);
  limits.close();
  await units.close();
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
