/**
 * By what we come in, and where: a passcode or a pass, what is known of how far zones are, and the way on which servers
 * send us to another zone.
 */
import type { ClientMessage, ServerMessage } from '../../proto/signalling.ts';
import { MeetingError, type MeetingErrorCode } from './meeting-error.ts';
import type { MeetingOptions } from './meeting-events.ts';
import type { SignallingConnection } from './signalling-connection.ts';
import { signallingUrls } from './signalling-url.ts';
import { ZoneDetour } from './zone-detour.ts';
import { zoneOfSession } from './zone-of-session.ts';

type Join = Extract<ClientMessage, { type: 'join' }>;
type Answer<Type> = Extract<ServerMessage, { type: Type }>;
type Credentials = Pick<Join, 'meeting' | 'pass' | 'passcode' | 'hostKey'>;

/** Of a join: with these, a pass is of no use any more. */
const PASS_REFUSALS: ReadonlySet<MeetingErrorCode> = new Set(['sessionExpired', 'wrongPasscode']);

export class Entrance {
  readonly #options: MeetingOptions;
  readonly #detour = new ZoneDetour();
  /** By which we come as who we are, without a passcode. */
  #pass: string | undefined;

  constructor(options: MeetingOptions) {
    this.#options = options;
    this.#pass = options.pass;
  }

  /** Undefined when the server sends us on: the WebSocket is opened again, elsewhere. @throws MeetingError */
  async join(
    signalling: SignallingConnection,
    who: Pick<Join, 'name' | 'offer' | 'sources' | 'muted'>,
  ): Promise<Answer<'joined' | 'waiting'> | undefined> {
    const measured = this.#options.roundTrips?.() ?? {};
    const roundTrips = Object.keys(measured).length > 0 ? { roundTrips: measured } : {};
    const by = { ...this.#credentials(), ...roundTrips, ...this.#tried(signalling) };
    const answer = await signalling.request({ type: 'join', ...by, ...who });
    this.#look(answer, signalling);
    return answer.type === 'joined' || answer.type === 'waiting' ? answer : undefined;
  }

  /**
   * By the token of the stay. `isSilent`: nothing comes from where its media was. If this is another zone's controller, none of
   * ours has answered either: then it is out of reach. Undefined as for `join`. @throws MeetingError
   */
  async resume(
    signalling: SignallingConnection,
    session: string,
    isSilent: boolean,
  ): Promise<Answer<'resumed'> | undefined> {
    const zone = isSilent ? zoneOfSession(session) : undefined;
    const answer = await signalling.request({ type: 'resume', session, ...this.#tried(signalling, zone) });
    this.#look(answer, signalling);
    return answer.type === 'resumed' ? answer : undefined;
  }

  /** A server was lost, or none could be reached. Whether to try again on the way on which we were sent. */
  hasAnotherWay(): boolean {
    return this.#detour.failed();
  }

  /** A host has to let us in: who we are until then. */
  waitBy(pass: string): void {
    this.#pass = pass;
  }

  /** We are in. The pass of who waited is used up; who starts afresh is somebody new. */
  entered(): void {
    this.#pass = this.#options.pass;
  }

  /** Whether there is something else to come in by when this was the answer to a join. */
  isOpenAnotherWay(code: MeetingErrorCode): boolean {
    if (this.#pass === undefined || !PASS_REFUSALS.has(code) || !this.#options.passcode) return false;
    this.#pass = undefined;
    return true;
  }

  /** @throws MeetingError There have been too many who sent us on. */
  #look(answer: ServerMessage, signalling: SignallingConnection): void {
    if (answer.type === 'redirect') {
      if (!this.#detour.follow(answer)) throw new MeetingError('noRouter', answer.reason);
      signalling.goTo(signallingUrls(answer.urls));
    } else {
      this.#detour.arrived();
      signalling.settled();
    }
  }

  /** Who has sent us to this WebSocket, and which zones cannot be reached. */
  #tried({ url }: SignallingConnection, unreachable?: string): { tried?: string[] } {
    return this.#detour.said((address) => signallingUrls([address]).includes(url), unreachable);
  }

  #credentials(): Credentials {
    const { meeting, passcode, hostKey } = this.#options;
    if (this.#pass !== undefined) return { meeting, pass: this.#pass };
    return { meeting, passcode, ...(hostKey === undefined ? {} : { hostKey }) };
  }
}
