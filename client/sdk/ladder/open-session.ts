/** A session with a tunnel. What it takes is loaded when it is needed: most never do. */
import type { CarrierKind } from '../../tunnel/carriers/session-carrier.ts';
import type { TunnelSession, TunnelSessionOptions } from '../../tunnel/carriers/tunnel-session.ts';
import type { Legs } from '../../tunnel/leg.ts';

export interface OpenSession {
  readonly session: TunnelSession;
  readonly legs: Legs;
}

/**
 * With the first of these tunnels that lets us in; `only`: by this kind of carrier.
 *
 * @throws Error None of them does; the message is for people.
 */
export async function openSession(
  urls: readonly string[],
  options: Pick<TunnelSessionOptions, 'ticket' | 'carriers'> & { readonly only?: CarrierKind },
): Promise<OpenSession> {
  const [{ TunnelSession }, { Legs }] = await Promise.all([
    import('../../tunnel/carriers/tunnel-session.ts'),
    import('../../tunnel/leg.ts'),
  ]);
  const { only, ...rest } = options;
  let why = 'there is no tunnel';
  for (const url of urls) {
    const session = new TunnelSession({ url, ...rest, ...(only === undefined ? {} : { first: only }) });
    const legs = new Legs(session);
    await new Promise<void>((resolve) => {
      legs.onCarrier = resolve;
    });
    if (session.state === 'open') return { session, legs };
    why = session.reason;
  }
  throw new Error(why);
}
