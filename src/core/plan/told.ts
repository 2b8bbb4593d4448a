// Texts that people are told as they are written: they may hold nothing that a terminal would obey.

import type { Path, Problem } from '../config/problem.ts';
import type { PhasePlan } from './plan.ts';

interface Told {
  readonly name: string;
  readonly goal: string | undefined;
  readonly phases: readonly PhasePlan[];
}

export function refuseControls({ name, goal, phases }: Told, problems: Problem[]): void {
  const texts: readonly (readonly [path: Path, text: string | undefined])[] = [
    [['name'], name],
    [['goal'], goal],
    ...phases.flatMap(({ id, title, tasks }) => [
      [['phases', id, 'title'], title] as const,
      ...tasks.flatMap((task) =>
        task.metrics.map(
          (metric) =>
            [['phases', id, `${task.kind}s`, task.id, 'metrics', metric.name, 'unit'], metric.unit] as const,
        ),
      ),
    ]),
  ];
  for (const [path, text] of texts) {
    const found = CONTROL.exec(text ?? '')?.[0];
    if (found === undefined) continue;
    const code = found.charCodeAt(0).toString(16).padStart(4, '0');
    problems.push({
      path,
      message: `a control character (U+${code.toUpperCase()}) in a text that is shown on terminals`,
      mend: 'take it out',
    });
  }
}

/** Line breaks and tabs move nothing but the text itself. */
const CONTROL = /(?![\n\r\t])\p{Cc}/u;
