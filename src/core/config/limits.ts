// How large a config may be and how much is said about it: beyond, it is a mistake or an attack.

/** Characters; a loop of a thousand gates has a third of it. */
export const MAX_CONFIG_LENGTH: number = 262_144;
export const MAX_NODES: number = 40_000;
export const MAX_DEPTH: number = 64;
/** Of each kind of check. Nobody mends more in one go, and each costs time. */
export const MAX_PROBLEMS: number = 300;
