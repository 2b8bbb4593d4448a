// A project's own tools come first on the PATH of its tasks, whichever way gate-run was started: npm, cron, a global install.

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** As `npm run` and `npx` have it; unchanged where the folder has no `node_modules/.bin`. */
export function withLocalTools(env: NodeJS.ProcessEnv, folder: string): NodeJS.ProcessEnv {
  const tools = join(folder, 'node_modules', '.bin');
  const path = env['PATH'] ?? '';
  if (path.split(delimiter)[0] === tools || !existsSync(tools)) return env;
  return { ...env, PATH: path === '' ? tools : `${tools}${delimiter}${path}` };
}
