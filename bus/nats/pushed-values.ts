/** What JetStream pushes in one session, in order and complete, or the session is broken. */
import type { Msg } from 'nats';
import type { StoredValue } from '../transport.ts';

/** `$JS.ACK.…` of a pushed message ends with these; servers of 2.10 and later may say more before and one token after. */
interface Numbers {
  /** In the stream. */
  readonly revision: number;
  /** Of those that were pushed, from 1. */
  readonly number: number;
  /** Nanoseconds since 1970 */
  readonly stamp: string;
}

export interface PushedListener {
  value(value: StoredValue): void;
  complete(): void;
  broken(reason: string): void;
}

export class PushedValues {
  readonly #subjectPrefix: string;
  readonly #target: number;
  readonly #listener: PushedListener;
  #count = 0;
  #revision = 0;
  #silentHeartbeats = 0;
  #isComplete = false;
  #isOver = false;
  #silence: NodeJS.Timeout | undefined;

  /** Complete when the revision `target` was pushed. */
  constructor(subjectPrefix: string, target: number, listener: PushedListener) {
    this.#subjectPrefix = subjectPrefix;
    this.#target = target;
    this.#listener = listener;
  }

  /** The consumer is made: from now on there is a message or a heartbeat at least every `silenceMs`. */
  start(silenceMs: number): void {
    this.#silence = setTimeout(() => this.#break('silence'), silenceMs);
    this.#checkComplete();
  }

  take(message: Msg): void {
    if (this.#isOver) return;
    this.#silence?.refresh();
    const { headers } = message;
    if (headers?.code === 100) this.#heartbeat(Number(headers.get('Nats-Last-Consumer')));
    else this.#value(message);
  }

  close(): void {
    this.#isOver = true;
    clearTimeout(this.#silence);
  }

  #value({ subject, reply = '', data: bytes }: Msg): void {
    const numbers = readNumbers(reply);
    if (numbers === undefined || !subject.startsWith(this.#subjectPrefix)) return; // nothing that JetStream pushed
    if (numbers.number === this.#count + 1) {
      this.#count = numbers.number;
      this.#silentHeartbeats = 0;
      const { revision, stamp } = numbers;
      this.#listener.value({ key: subject.slice(this.#subjectPrefix.length), revision, stamp, bytes });
      this.#revision = revision;
      this.#checkComplete();
    } else {
      this.#break(`${this.#count} was followed by ${numbers.number}`);
    }
  }

  /** Nothing was pushed for a while; `last` is the number of what was before. */
  #heartbeat(last: number): void {
    if (last === this.#count) {
      // The target may be a value that was purged, and then never comes.
      this.#silentHeartbeats++;
      this.#checkComplete();
    } else {
      this.#break(`${last} were pushed, ${this.#count} came`);
    }
  }

  #checkComplete(): void {
    if (this.#isComplete || (this.#revision < this.#target && this.#silentHeartbeats < 2)) return;
    this.#isComplete = true;
    this.#listener.complete();
  }

  #break(reason: string): void {
    this.close();
    this.#listener.broken(reason);
  }
}

function readNumbers(reply: string): Numbers | undefined {
  const tokens = reply.split('.');
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK') return undefined;
  // $JS.ACK.stream.consumer.deliveries.revision.number.stamp.pending, or with domain and account before the stream.
  const at = tokens.length === 9 ? 5 : 7;
  const [revision, number, stamp] = tokens.slice(at, at + 3);
  if (stamp === undefined || !/^\d+$/.test(`${revision}${number}${stamp}`)) return undefined;
  return { revision: Number(revision), number: Number(number), stamp };
}
