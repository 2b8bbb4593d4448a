export function installProblem(root: string): string | undefined;
export function markInstalled(root: string): void;
export function forgetInstall(root: string): void;
