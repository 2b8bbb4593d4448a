// What the machine asks for a bare spawn and a bare sync: a plain Node process that does nothing else, called now and then.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Costs {
  readonly spawnMs: number;
  readonly syncMs: number;
}

export interface Floor {
  measure(): Promise<Costs>;
  close(): void;
}

const SCRIPT = fileURLToPath(new URL('floor.mjs', import.meta.url));

/** One process for the whole run: a fresh one each time would measure its own warming up. */
export function openFloor(folder: string): Floor {
  const child = spawn(process.execPath, [SCRIPT, join(folder, 'floor')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  return {
    measure: () =>
      new Promise((resolve, reject) => {
        const lost = () => reject(new Error('the floor is gone'));
        child.once('exit', lost);
        lines.once('line', (line) => {
          child.off('exit', lost);
          const [spawnMs = 0, syncMs = 0] = line.split(' ').map(Number);
          resolve({ spawnMs, syncMs });
        });
        child.stdin.write('go\n');
      }),
    close: () => void child.kill('SIGKILL'),
  };
}
