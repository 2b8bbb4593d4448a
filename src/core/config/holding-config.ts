// What a task may say of what holds it: its layer, its network, its limits, and what it may write. As written, before anything is filled in.

import type { Scalar } from './config.ts';

export type IsolationConfig =
  | LayerName
  | ({ readonly layer: LayerName; readonly fallback?: boolean } & SandboxConfig & ContainerConfig);

type LayerName = 'group' | 'cgroup' | 'bwrap' | 'container';

export type NetworkConfig = 'none' | 'full' | { readonly name?: string; readonly allow?: readonly string[] };

/** Only in the layer `bwrap`. */
export interface SandboxConfig {
  readonly root?: 'read-only';
  readonly writable?: readonly string[];
  readonly tmp?: 'private';
}

/** Only in the layer `container`. */
export interface ContainerConfig {
  readonly engine?: 'docker' | 'podman';
  readonly image?: string;
  readonly mounts?: readonly string[];
  readonly user?: string;
}

/** Limits, and how a task shares the machine with others. A limit may be `never`. */
export interface ResourcesConfig {
  readonly memory?: Scalar;
  readonly cpus?: Scalar;
  readonly pids?: Scalar;
  readonly 'open-files'?: Scalar;
  readonly 'file-size'?: Scalar;
  readonly 'cpu-time'?: string;
  readonly lock?: string | readonly string[];
  readonly weight?: Scalar;
}

/** What the task may change of the config's folder; numbers may come from a flag or hold `{{vars.x}}`. */
export interface WritesConfig {
  readonly files?: Scalar;
  readonly lines?: Scalar;
  /** Globs; outside of them nothing may be written. */
  readonly only?: readonly string[];
  readonly 'on-violation'?: 'fail' | 'restore';
}
