export function alone<T>(
  root: string,
  say: (text: string) => void,
  work: (helper: (pid: number) => void) => T | Promise<T>,
): Promise<T>;
