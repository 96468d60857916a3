// The address of a view: what a reader chose stands in it, so that it can be shared and gives the same view again.

export function chosen(name: string, otherwise = ""): string {
  return new URLSearchParams(location.search).get(name) ?? otherwise;
}

export function remember(values: Record<string, string | null>): void {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === "") url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  history.replaceState(history.state, "", url);
}

export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/{(\w+)}/g, (all, name: string) => String(values[name] ?? all));
}

export async function json<T>(path: string): Promise<T> {
  const answer = await fetch(path, { headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return (await answer.json()) as T;
}
