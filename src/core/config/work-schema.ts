// What a config may say of the world around a loop: `hooks` and `notify`.

import * as z from 'zod';
import type { HookConfig, HookMap, HooksConfig, NotifyConfig, ProtectConfig } from './beside-config.ts';
import type { Same } from './exact.ts';
import * as leaf from './leaf.ts';
import { command, env } from './task-schema.ts';

const hookShape = z.strictObject(
  {
    run: command.describe('The command, as in a task.'),
    shell: leaf.oneOf('sh', 'bash').exactOptional().describe('The shell of a command that needs one.'),
    timeout: leaf.limit.exactOptional().describe('It is ended after so long; default 1m, at most 1h.'),
    env: env.exactOptional().describe('What passes of the environment, and what is set.'),
  },
  leaf.EXPECTED.map,
);
const hook: z.ZodType<HookConfig> = z
  .union([command, hookShape], 'expected a command, or a map with `run` and `timeout`')
  .meta({ id: 'Hook', description: 'A command beside the loop: its outcome is noted and judges nothing.' });

const hooksShape = z.strictObject(
  {
    'before-cycle': hook.exactOptional().describe('Before each cycle, which waits for it.'),
    'after-cycle': hook.exactOptional().describe('After each cycle.'),
    'on-failure': hook.exactOptional().describe('After a cycle that failed or was broken.'),
    'on-question': hook
      .exactOptional()
      .describe('For each new failure; `{{question.file}}` is a file with its five lines.'),
    'on-champion': hook
      .exactOptional()
      .describe('After a new champion was crowned; `{{champion.dir}}` holds its files.'),
    'on-exit': hook.exactOptional().describe('Before the run ends; it is told how.'),
  },
  leaf.EXPECTED.map,
);
export const hooks: z.ZodType<HooksConfig> = hooksShape;

const secret: z.ZodType<NonNullable<NotifyConfig['secret']>> = z
  .strictObject({ env: leaf.text.describe('The variable that holds it.') }, leaf.EXPECTED.map)
  .meta({ id: 'Secret', description: 'Something that stands in no config.' });

const notifyShape = z.strictObject(
  {
    webhook: leaf.text.exactOptional().describe('An address that is sent JSON by POST.'),
    for: leaf.texts
      .exactOptional()
      .describe(
        'Of what: marks by their level (`info`, `warning`, `critical`), and `exit`; default critical and exit.',
      ),
    secret: secret
      .exactOptional()
      .describe('Signs what is sent, so that the receiver can tell it from others.'),
    timeout: leaf.limit.exactOptional().describe('Of one try; default 10s.'),
    heartbeat: leaf.text
      .exactOptional()
      .describe('A file or an address that gets a sign of life as long as a run is under way.'),
    every: leaf.span.exactOptional().describe('How often; default 1m.'),
  },
  leaf.EXPECTED.map,
);
export const notify: z.ZodType<NotifyConfig> = notifyShape.meta({
  id: 'Notify',
  description: 'Who is told of marks and ends, or that a run is still alive.',
});

const appendOnlyShape = z.strictObject(
  { 'append-only': leaf.text.describe('A file that may grow, and may not lose or change what it has.') },
  leaf.EXPECTED.map,
);
const protectShape = z.union(
  [leaf.text, appendOnlyShape],
  'expected a path, a glob, or `{ append-only: PATH }`',
);
export const protect: z.ZodType<ProtectConfig> = protectShape.meta({
  id: 'Protect',
  description: 'What the work may not change, or may only add to.',
});

const held: [
  Same<z.infer<typeof hookShape>, HookMap>,
  Same<z.infer<typeof hooksShape>, HooksConfig>,
  Same<z.infer<typeof notifyShape>, NotifyConfig>,
  Same<z.infer<typeof protectShape>, ProtectConfig>,
] = [true, true, true, true];
void held;
