// Makes the pictures of the first page anew: screens as SVG, and the report as a browser shows it. `npm run pictures`.
// Times on them are those of this machine; a test holds everything else to what the product says now.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nightFolder, played, SCENES } from './pictures/scenes.ts';
import { screenSvg } from './pictures/svg.ts';

const PICTURES = fileURLToPath(new URL('../docs/pictures/', import.meta.url));
const CHROMIUMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const BROWSER_LIMIT_MS = 60_000;

function main(): number {
  mkdirSync(PICTURES, { recursive: true });
  for (const scene of SCENES) {
    const path = join(PICTURES, `${scene.name}.svg`);
    writeFileSync(path, screenSvg(['gate-run', ...scene.words].join(' '), played(scene)));
    console.log(`wrote ${path}`);
  }
  return photograph(join(PICTURES, 'report.png'));
}

function photograph(picture: string): number {
  const chromium = CHROMIUMS.find((path) => existsSync(path));
  if (chromium === undefined) {
    console.error(`pictures: no browser (${CHROMIUMS.join(', ')}), so ${picture} was left as it was`);
    return 1;
  }
  const folder = nightFolder();
  try {
    const quiet = [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--hide-scrollbars',
    ];
    const own = [
      `--user-data-dir=${join(folder, '.browser')}`,
      '--virtual-time-budget=3000',
      '--host-resolver-rules=MAP * ~NOTFOUND',
      '--window-size=1000,1250',
      `--screenshot=${picture}`,
    ];
    const page = `file://${join(folder, '.gate-run/report.html')}`;
    const { status } = spawnSync(chromium, [...quiet, ...own, page], {
      timeout: BROWSER_LIMIT_MS,
      stdio: 'ignore',
    });
    if (status !== 0 || !existsSync(picture)) return 1;
    console.log(`wrote ${picture} (${statSync(picture).size} bytes)`);
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = main();
