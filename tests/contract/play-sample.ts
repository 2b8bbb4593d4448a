// Plays a sample of a gate file through the pure parts, as a cycle would judge it: no command is started, no file is read.

import type { SampleConfig } from '../../src/core/config/config.ts';
import type { AttemptEnded } from '../../src/core/cycle/event.ts';
import type { Judgement, ProcessEnd, Unread } from '../../src/core/judge/evidence.ts';
import { readEvidence } from '../../src/core/judge/extract.ts';
import { judgeTask } from '../../src/core/judge/judge.ts';
import { readReport } from '../../src/core/judge/reports.ts';
import { outcomeOf } from '../../src/core/judge/outcome.ts';
import type { SourceIn, TaskPlan } from '../../src/core/plan/plan.ts';

export function play(sample: SampleConfig, task: TaskPlan): Judgement {
  const textOf = (from: SourceIn): string | Unread => {
    if ('stream' in from) return sample.output ?? '';
    return (
      sample.files?.[from.file] ?? { unread: 'missing', detail: `was not found: ${from.file} is not there` }
    );
  };
  const ended: AttemptEnded = {
    type: 'attempt.ended',
    task: task.id,
    attempt: 1,
    end: endOf(sample, task),
    durationMs: 1000,
    bytes: sample.output?.length ?? 0,
  };
  return judgeTask({
    task,
    outcome: outcomeOf(ended, undefined, task.exits),
    ended,
    evidence: readEvidence(task, textOf, { report: readReport }),
    attempt: 1,
    past: () => undefined,
    stage: task.stages[0],
  });
}

function endOf(sample: SampleConfig, task: TaskPlan): ProcessEnd {
  if (typeof sample.exit === 'number') return { code: sample.exit };
  const command = task.command?.kind === 'argv' ? task.command.argv[0] : 'sh';
  return { notStarted: sample.exit['not-started'], detail: `\`${command}\` was not found` };
}
