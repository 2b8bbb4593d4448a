// What a program, and a config in TypeScript, may import from gate-run.

import type { ConfigFile } from './core/config/config.ts';

/** Gives a config in TypeScript or JavaScript its types; returns it unchanged. */
export function defineConfig(config: ConfigFile): ConfigFile {
  return config;
}

export type { ConfigFile, GateFile, PhaseConfig, ProfileConfig, TaskConfig } from './core/config/config.ts';
export type { Problem } from './core/config/problem.ts';
