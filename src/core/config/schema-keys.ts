// Which keys a schema knows at a path: for "did you mean" and for the walk over the whole language.

import * as z from 'zod';
import type { Path } from './problem.ts';

/** Keys of the map at a path; of every map that may stand there, where there are several. */
export function keysAt(schema: z.core.$ZodType, path: Path): string[] {
  let schemas = options(schema);
  for (const part of path) schemas = schemas.flatMap((one) => step(one, part));
  return schemas.flatMap((one) => (one instanceof z.ZodObject ? Object.keys(one.shape) : []));
}

function step(schema: z.core.$ZodType, part: string | number): z.core.$ZodType[] {
  if (schema instanceof z.ZodObject) {
    const inner: unknown = Object.hasOwn(schema.shape, part) ? schema.shape[part] : undefined;
    return inner instanceof z.ZodType ? options(inner) : [];
  }
  if (schema instanceof z.ZodRecord) return options(schema.def.valueType);
  if (schema instanceof z.ZodArray) return options(schema.def.element);
  return [];
}

/** What may stand in place of a schema: itself, or the sides of a union, without the wrapping. */
function options(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (schema instanceof z.ZodExactOptional) return options(schema.def.innerType);
  if (schema instanceof z.ZodUnion) return schema.def.options.flatMap(options);
  return [schema];
}
