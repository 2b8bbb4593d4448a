// `gate-run schema [NAME]`: prints the JSON Schema that ships, of a file that people write or of what a command prints.

import { EXIT } from '../core/loop/run-end.ts';
import { schemaFile, schemaNames } from '../system/schema-file.ts';
import type { CommandRequest } from './request.ts';

export function schema(request: CommandRequest): number {
  const [name = 'loop', ...rest] = request.args;
  const names = schemaNames();
  const text = names.includes(name) && rest.length === 0 ? schemaFile(name) : undefined;
  if (text === undefined) {
    request.writeError(`gate-run schema: expected ${names.join(', ')}, not \`${request.args.join(' ')}\`\n`);
    return EXIT.usage;
  }
  request.write(text);
  return EXIT.passed;
}
