// The schema of what each command prints with `--json`. Loaded by scripts and tests, never by a run: zod costs its start.

import type { z } from 'zod';
import { outputSchema } from '../output.ts';
import { baselineAnswer } from './baseline.ts';
import { cacheAnswer } from './cache.ts';
import { championHistoryAnswer, championShowAnswer, robustnessAnswer } from './champion.ts';
import { cycleAnswer } from './cycle.ts';
import { checkAnswer, explainAnswer, planAnswer, planDiffAnswer } from './plan.ts';
import { ratchetAnswer } from './ratchet.ts';
import { replayAnswer } from './replay.ts';
import { reportAnswer } from './report.ts';
import { rehearseAnswer } from './rehearsal.ts';
import { detachAnswer, doctorAnswer, scheduleAnswer } from './service.ts';
import {
  historyAnswer,
  logsAnswer,
  questionsAnswer,
  statusAnswer,
  stopAnswer,
  verifyAnswer,
} from './state.ts';

/** By the name of its file; `output`: of a run. */
export const ANSWERS: Readonly<Record<string, z.ZodType>> = {
  output: outputSchema,
  status: statusAnswer,
  history: historyAnswer,
  logs: logsAnswer,
  questions: questionsAnswer,
  report: reportAnswer,
  verify: verifyAnswer,
  stop: stopAnswer,
  plan: planAnswer,
  'plan-diff': planDiffAnswer,
  explain: explainAnswer,
  cycle: cycleAnswer,
  check: checkAnswer,
  rehearse: rehearseAnswer,
  doctor: doctorAnswer,
  schedule: scheduleAnswer,
  detach: detachAnswer,
  replay: replayAnswer,
  baseline: baselineAnswer,
  ratchet: ratchetAnswer,
  cache: cacheAnswer,
  champion: championShowAnswer,
  'champion-history': championHistoryAnswer,
  robustness: robustnessAnswer,
};
