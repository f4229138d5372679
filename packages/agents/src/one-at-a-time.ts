/** Lets the short administrative git steps of one repository happen one after another within this process. Between processes git's locks decide. */

const last = new Map<string, Promise<unknown>>();

export async function oneAtATime<T>(key: string, step: () => Promise<T>): Promise<T> {
  const before = last.get(key) ?? Promise.resolve();
  const mine = before.then(step, step);
  last.set(key, mine);
  try {
    return await mine;
  } finally {
    if (last.get(key) === mine) last.delete(key);
  }
}
