/** One at a time by name: across the tabs of a phone where the browser can, else in this one. */
const chains = new Map<string, Promise<unknown>>();

export async function exclusive<T>(name: string, act: () => Promise<T>): Promise<T> {
  if (typeof navigator !== "undefined" && navigator.locks) {
    return (await navigator.locks.request(`doorstep-${name}`, act)) as T;
  }
  const before = chains.get(name) ?? Promise.resolve();
  const mine = before.then(act, act);
  chains.set(name, mine.catch(() => undefined));
  return mine;
}
