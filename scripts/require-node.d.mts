export function isAllowed(range: string, version: string): boolean;
