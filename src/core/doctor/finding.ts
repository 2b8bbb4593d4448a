// What `doctor` found: one line a thing, with its mend where it needs one.

export interface Finding {
  readonly area:
    | 'gate-run'
    | 'config'
    | 'tools'
    | 'disk'
    | 'state'
    | 'clock'
    | 'terminal'
    | 'limits'
    | 'isolation'
    | 'gates'
    | 'proof';
  readonly name: string;
  /** `missing`: a run could not do its work. `warning`: it could, and somebody should know. `note`: so it is. */
  readonly level: 'ok' | 'note' | 'warning' | 'missing';
  /** One sentence for people. */
  readonly says: string;
  readonly mend?: string;
}

/** A tool that something of the plan calls for. */
export interface ToolNeed {
  readonly name: string;
  readonly isRequired: boolean;
  /** The tasks that want it. */
  readonly tasks: readonly string[];
  /** Whether a gate names it as its tool, so that it may be asked for its version; any other command may do anything. */
  readonly mayBeAsked: boolean;
}
