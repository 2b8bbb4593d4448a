export function buildProblem(root: string): string | undefined;
export function sourceKey(root: string): string;
