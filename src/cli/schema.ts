// `gate-run schema [loop|gate|output]`: prints the JSON Schema that ships.

import { EXIT } from '../core/loop/run-end.ts';
import { schemaFile } from '../system/schema-file.ts';
import type { CommandRequest } from './request.ts';

const NAMES = ['loop', 'gate', 'output'];

export function schema(request: CommandRequest): number {
  const [name = 'loop', ...rest] = request.args;
  const text = NAMES.includes(name) && rest.length === 0 ? schemaFile(name) : undefined;
  if (text === undefined) {
    request.writeError(`gate-run schema: expected ${NAMES.join(', ')}, not \`${request.args.join(' ')}\`\n`);
    return EXIT.usage;
  }
  request.write(text);
  return EXIT.passed;
}
