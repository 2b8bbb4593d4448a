// What a config may say of what stands beside the loop: hooks, who is told, and what the work may not change.

import type { EnvConfig, Scalar } from './config.ts';

export interface HooksConfig {
  readonly 'before-cycle'?: HookConfig;
  readonly 'after-cycle'?: HookConfig;
  readonly 'on-failure'?: HookConfig;
  readonly 'on-question'?: HookConfig;
  readonly 'on-champion'?: HookConfig;
  readonly 'on-exit'?: HookConfig;
}

/** A command, or a map with one. */
export type HookConfig = string | readonly Scalar[] | HookMap;

export interface HookMap {
  readonly run: string | readonly Scalar[];
  readonly shell?: 'sh' | 'bash';
  readonly timeout?: string;
  readonly env?: EnvConfig;
}

/** A webhook, or a heartbeat. */
export interface NotifyConfig {
  readonly webhook?: string;
  readonly for?: readonly string[];
  readonly secret?: { readonly env: string };
  readonly timeout?: string;
  /** A file, or an address. */
  readonly heartbeat?: string;
  readonly every?: string;
}

/** A path or a glob; or a file that may only grow. */
export type ProtectConfig = string | { readonly 'append-only': string };
