// What a gate may say of an input that it must not pass: what `doctor --prove` plants in a copy of the folder.

import * as z from 'zod';
import type { Same } from './exact.ts';
import * as leaf from './leaf.ts';

/** A known-bad input of a gate; at least one key. */
export interface ProveConfig {
  /** By path. */
  readonly write?: Readonly<Record<string, string>>;
  /** By path, folder or glob. */
  readonly append?: Readonly<Record<string, string>>;
  readonly remove?: readonly string[];
  /** Parameters in the place of the loop's. */
  readonly with?: Readonly<Record<string, unknown>>;
}

const contents = z.record(z.string(), z.string(leaf.EXPECTED.text), leaf.EXPECTED.map);

const proveShape = z.strictObject(
  {
    write: contents
      .exactOptional()
      .describe('Files that are written, by path. Of a glob a file is made that matches it.'),
    append: contents
      .exactOptional()
      .describe('What is put behind the end of every file that a path, a folder or a glob means.'),
    remove: leaf.texts.exactOptional().describe('Paths and globs of the files that are taken away.'),
    with: z
      .record(z.string(), z.unknown(), leaf.EXPECTED.map)
      .exactOptional()
      .describe('Parameters of the gate that is used, in the place of those of the loop.'),
  },
  leaf.EXPECTED.map,
);
export const prove: z.ZodType<ProveConfig> = proveShape.meta({
  id: 'Prove',
  description:
    'A known-bad input, planted by `doctor --prove` in a copy of the folder: a gate that passes on it cannot fail. At least one of `write`, `append`, `remove`, `with`.',
  examples: [{ write: { 'src/bad.ts': 'const text: string = 1;\n' } }],
});

const held: [Same<z.infer<typeof proveShape>, ProveConfig>] = [true];
void held;
