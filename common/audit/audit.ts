/**
 * What hosts and operators do, each as one entry: who, what, in which meeting, how it ended. docs/meetings.md and docs/zones.md
 * say what is recorded. An entry holds no secret and nothing that people say to each other.
 */
import { type ErrorCode, toZonecastError } from '../errors.ts';

/** Who did it, as far as that is known. */
export interface AuditActor {
  /** Who takes part in the meeting. */
  readonly participant?: string;
  readonly role?: string;
  /** As identity providers name people: `{issuer} {subject}`. */
  readonly identity?: string;
  /** Name of the operator's certificate. */
  readonly operator?: string;
  /** Showed the meeting's host key. */
  readonly hostKey?: true;
  /** Network address. */
  readonly address?: string;
}

export interface AuditEntry {
  /** A word of a closed list for each interface: `act.lock`, `meetings.update`, `admin.kick`, `world.setPolicy`. */
  readonly what: string;
  readonly who: AuditActor;
  readonly meeting?: string;
  /** Whom it is about. */
  readonly about?: string;
  /** What of it: the setting and its value, the router, the keys that were changed. Never a secret or a text. */
  readonly details?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  readonly outcome: 'done' | ErrorCode;
}

export interface Audit {
  /** Never throws, never waits. */
  record(entry: AuditEntry): void;
}

/** For tests, and where nobody wants to know. */
export const NO_AUDIT: Audit = { record: () => undefined };

/** Runs it, records how it ended, and throws what it throws. `more`: what is known of it only when it is done. */
export async function audited<Result>(
  audit: Audit,
  entry: Omit<AuditEntry, 'outcome'>,
  run: () => Promise<Result>,
  more?: (result: Result) => Partial<AuditEntry>,
): Promise<Result> {
  try {
    const result = await run();
    audit.record({ ...entry, ...more?.(result), outcome: 'done' });
    return result;
  } catch (error) {
    audit.record({ ...entry, outcome: toZonecastError(error).code });
    throw error;
  }
}
