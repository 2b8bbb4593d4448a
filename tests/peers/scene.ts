// What a scene is: a gate of the library, a small project, and the verdict that the gate must come to there.

export interface Scene {
  readonly gate: string;
  readonly verdict: 'passed' | 'failed' | 'broken';
  readonly says: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly files?: Readonly<Record<string, string>>;
  /** A command that runs as a step before the gate. */
  readonly step?: readonly string[];
  /** The tool is not on PATH. */
  readonly bare?: true;
}

export type More = Pick<Scene, 'with' | 'files' | 'step' | 'bare'>;

export const scenesOf =
  (gate: string, always: More = {}) =>
  (verdict: Scene['verdict'], says: string, more: More = {}): Scene => ({
    gate,
    verdict,
    says,
    ...always,
    ...more,
    files: { ...always.files, ...more.files },
  });
