// `npm start`: makes the work tree ready, then runs gate-run itself under the pinned Node, exit code and signals included.

import { join } from 'node:path';
import { handOver, toolEnvironment } from './ready/hand-over.mjs';
import { pinnedNode } from './ready/installed.mjs';
import { ready, root } from './ready.mjs';

const code = await ready({ build: true });
process.exitCode =
  code === 0
    ? await handOver(pinnedNode(root), [join(root, 'bin/gate-run.js'), ...process.argv.slice(2)], {
        env: toolEnvironment(root),
      })
    : code;
