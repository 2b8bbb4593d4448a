// What `doctor`, `schedule` and a detached start print with `--json`.

import { z } from 'zod';
import { exit } from './parts.ts';

const version = z.literal(1);

export const doctorAnswer: z.ZodType = z
  .strictObject({
    schemaVersion: version,
    exit,
    why: z.string(),
    findings: z.array(
      z.strictObject({
        area: z.enum([
          'gate-run',
          'config',
          'tools',
          'disk',
          'state',
          'clock',
          'terminal',
          'limits',
          'isolation',
          'gates',
          'proof',
        ]),
        name: z.string(),
        level: z.enum(['ok', 'note', 'warning', 'missing']).describe('missing: a run could not do its work'),
        says: z.string(),
        mend: z.string().optional(),
        proof: z.enum(['can-fail', 'cannot-fail', 'not-proved']).optional().describe('with `--prove`'),
      }),
    ),
  })
  .describe('What a run needs here, and what to mend: `gate-run doctor --json`.');

const scheduled = {
  schemaVersion: version,
  exit,
  name: z.string(),
  next: z.array(z.string()).describe('When it fires next, ISO 8601; empty for a loop that stays'),
};

export const scheduleAnswer: z.ZodType = z
  .union([
    z.strictObject({ ...scheduled, crontab: z.string() }),
    z.strictObject({ ...scheduled, units: z.array(z.strictObject({ file: z.string(), text: z.string() })) }),
  ])
  .describe('A crontab line or units of systemd: `gate-run schedule --json`.');

export const detachAnswer: z.ZodType = z
  .strictObject({
    schemaVersion: version,
    exit,
    run: z.string(),
    pid: z.int(),
    log: z.string(),
    result: z.string().describe('The file in which the JSON of the run will stand'),
  })
  .describe('A run that is under way in the background: `gate-run --detach --json`.');
