// The JSON Schemas of the files people write, for editors and for the reference page.

import * as z from 'zod';
import { gateFile } from './gate-schema.ts';
import { configFile } from './loop-schema.ts';

/** The text of `schema/NAME.schema.json`. */
export function schemaText(name: 'loop' | 'gate'): string {
  return textOf(name === 'loop' ? configFile : gateFile);
}

/** Any zod schema as the text of a JSON Schema. */
export function textOf(schema: z.ZodType): string {
  return `${JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), null, 2)}\n`;
}
