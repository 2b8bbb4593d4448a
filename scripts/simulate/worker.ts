// One thread of `scripts/simulate.ts`: plays its stretch and sends back what it found.

import { parentPort, workerData } from 'node:worker_threads';
import { playStretch, type Stretch } from './play.ts';

const stretch: Stretch = workerData;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread of Node has no origin
parentPort?.postMessage(await playStretch(stretch));
