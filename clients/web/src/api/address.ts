export type Query = Record<string, string | number | boolean | undefined>;

/** The path with what the query holds; what is undefined is left out. */
export function address(path: string, query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  if (given.length === 0) return path;
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  return `${path}?${search}`;
}
