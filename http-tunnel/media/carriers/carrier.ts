/** One way in which a session's bytes get to its client, seen from the session. */
import type { TunnelClose } from '../../../proto/tunnel.ts';

export interface Carrier {
  /** Whether `write` may be called: a long poll has to be waiting. */
  readonly isReady: boolean;
  /** Given to `write` and not yet taken by the kernel. */
  readonly unsentBytes: number;
  /** About how much one `write` should hold at most. */
  readonly batchBytes: number;
  /** Whole records. The session is told by `handleDrained` when some of it has left, or another poll waits. */
  write(message: Buffer): void;
  close(why: keyof typeof TunnelClose): void;
}
