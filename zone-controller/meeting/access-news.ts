/**
 * Tells those in meetings how to get in by tunnels, before what they know of it is out of date: so that they have it at the moment when
 * their UDP dies, and signalling perhaps with it.
 */
import type { Access } from './access.ts';
import type { LiveMeetings } from './live-meetings.ts';

const LOOK_MS = 250;
/** In one look: 200 a second. A signature is 50 µs of work, and each client may come anew. */
const MAX_TOLD = 50;

export interface AccessNewsOptions {
  readonly meetings: Pick<LiveMeetings, 'all'>;
  readonly access: Pick<Access, 'tell' | 'isDue'>;
}

export class AccessNews {
  readonly #options: AccessNewsOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: AccessNewsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.tell(), LOOK_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Some of those for whom it is due. */
  tell(): void {
    const { meetings, access } = this.#options;
    let told = 0;
    for (const { sessions } of meetings.all) {
      for (const session of sessions.values()) {
        if (!access.isDue(session)) continue;
        const news = access.tell(session).access;
        // There are no tunnels: nor are there for anybody else.
        if (news === undefined) return;
        session.send({ type: 'access', access: news });
        if (++told === MAX_TOLD) return;
      }
    }
  }
}
