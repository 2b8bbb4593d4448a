// The part of `doctor` that asks what can hold the processes of tasks here.

import type { Finding } from '../core/doctor/finding.ts';
import type { Units } from '../system/units/units.ts';
import { containmentText } from '../views/words.ts';
import type { Loop } from './load.ts';
import type { CommandRequest } from './request.ts';
import { lackingIn, lackingText } from './units.ts';

/** In a scope of its own, a person who is not root may make control groups. */
const SCOPE =
  'where systemd runs, start it as: systemd-run --user --scope -p Delegate=yes gate-run (a unit of `gate-run schedule --systemd` has that already)';

export function isolationFindings({ env }: CommandRequest, { plan }: Loop, units: Units): readonly Finding[] {
  const lacking = lackingIn(plan, units);
  if (lacking) return [{ area: 'isolation', name: lacking.layer, level: 'missing', ...lackingText(lacking) }];
  const held = units.containment(plan);
  const says = `tasks are held by ${containmentText(held)}`;
  if (held.layer !== 'group') return [{ area: 'isolation', name: held.layer, level: 'ok', says }];
  const hasSystemd = env['XDG_RUNTIME_DIR'] !== undefined || env['INVOCATION_ID'] !== undefined;
  return [{ area: 'isolation', name: held.layer, level: 'note', says, ...(hasSystemd && { mend: SCOPE }) }];
}
