// The name of a gate that nobody can have: it stands in where a config has to be checked without knowing which gate is meant.

export const UNREADABLE = '(unreadable)';
