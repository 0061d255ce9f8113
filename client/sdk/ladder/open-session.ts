/** A session with a tunnel. What it takes is loaded when it is needed: most never do. */
import type { CarrierKind } from '../../tunnel/carriers/session-carrier.ts';
import type { TunnelSession } from '../../tunnel/carriers/tunnel-session.ts';
import type { TunnelSocket } from '../../tunnel/carriers/tunnel-socket.ts';
import type { Legs } from '../../tunnel/leg.ts';

export interface OpenSession {
  readonly session: TunnelSession;
  readonly legs: Legs;
  /** One at a time. */
  openSignalling(): TunnelSocket;
}

export function sessionModules() {
  return Promise.all([
    import('../../tunnel/carriers/tunnel-session.ts'),
    import('../../tunnel/carriers/tunnel-socket.ts'),
    import('../../tunnel/leg.ts'),
  ]);
}

/** Between two that are tried side by side: some proxies hold back what does not suit them, and never say so. */
const HEAD_START_MS = 400;

/**
 * With the first of these tunnels, by the first of these kinds of carriers, that lets us in. They are tried side by side, each a little after the
 * one before, or at once when all before have failed. A session that is open goes on by any carrier.
 *
 * @throws Error None of them does; the message is for people.
 */
export async function openSession(
  urls: readonly string[],
  ticket: string,
  kinds: readonly CarrierKind[],
): Promise<OpenSession> {
  const [{ TunnelSession }, { TunnelSocket }, { Legs }] = await sessionModules();
  const entrants = urls.flatMap((url) => kinds.map((first) => ({ url, ticket, first })));
  const begun: OpenSession[] = [];
  return new Promise((resolve, reject) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      const open = begun.find(({ session }) => session.state === 'open');
      if (open !== undefined) {
        clearTimeout(timer);
        entrants.length = 0;
        for (const each of begun) {
          each.legs.onCarrier = undefined;
          if (each !== open) each.session.close();
        }
        resolve(open);
      } else if (begun.every(({ session }) => session.state === 'closed')) {
        clearTimeout(timer);
        if (entrants.length > 0) next();
        else reject(new Error(begun.at(-1)?.session.reason ?? 'there is no tunnel'));
      }
    };
    const next = () => {
      const entrant = entrants.shift();
      if (entrant === undefined) return;
      const session = new TunnelSession(entrant);
      const legs = new Legs(session);
      legs.onCarrier = look;
      begun.push({ session, legs, openSignalling: () => new TunnelSocket(session, legs) });
      timer = setTimeout(next, HEAD_START_MS);
    };
    look();
  });
}
