// Whether a value is a map of names to values, as YAML and JSON know them. What its values are it leaves open.

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
