/** Keys of meetings that were made with this browser: who made a meeting is its host, also after the page was closed. */

const KEY = 'zonecast.hostKeys';
/** The oldest are forgotten; meetings that nobody uses are forgotten by their zone within a day. */
const MOST_KEYS = 50;

export function rememberHostKey(meeting: string, hostKey: string): void {
  const keys = recall().filter(([each]) => each !== meeting);
  try {
    localStorage.setItem(KEY, JSON.stringify([...keys, [meeting, hostKey]].slice(-MOST_KEYS)));
  } catch {
    // Storage may be switched off; then the key counts for this stay alone.
  }
}

export function hostKeyOf(meeting: string): string | undefined {
  return recall().find(([each]) => each === meeting)?.[1];
}

function recall(): [meeting: string, hostKey: string][] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(stored) ? stored.filter(isPair) : [];
  } catch {
    return [];
  }
}

function isPair(value: unknown): value is [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((each) => typeof each === 'string');
}
