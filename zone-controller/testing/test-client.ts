/** A WebSocket client for tests: messages by type, requests by id. */
import { type ClientOptions, WebSocket } from 'ws';
import type { ClientMessage, MeetingAct, ServerMessage } from '../../proto/signalling.ts';

type Of<Type extends ServerMessage['type']> = Extract<ServerMessage, { type: Type }>;

type Join = Extract<ClientMessage, { type: 'join' }>;

export class TestClient {
  readonly socket: WebSocket;
  /** Code of the closing handshake; 1006 when there was none (RFC 6455 section 7.4.1). */
  readonly closed: Promise<number>;
  /** Everything that arrived and was not asked for yet. */
  readonly #messages: ServerMessage[] = [];
  readonly #waiting: { readonly wants: (message: ServerMessage) => boolean; resolve(message: ServerMessage): void }[] =
    [];
  #nextId = 1;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => undefined);
    socket.on('message', (data) => this.#arrived(JSON.parse(String(data)) as ServerMessage));
  }

  /** `url` of the zone-controller. Rejects when the upgrade is refused. */
  static connect(url: string, options: ClientOptions = {}): Promise<TestClient> {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/signalling`, {
      rejectUnauthorized: false,
      ...options,
    });
    const client = new TestClient(socket);
    return new Promise((resolve, reject) => {
      socket.on('open', () => resolve(client));
      socket.on('error', reject);
    });
  }

  send(message: ClientMessage): void {
    this.socket.send(JSON.stringify(message));
  }

  sendText(text: string): void {
    this.socket.send(text);
  }

  /** The first message of the type that nobody took yet; errors that answer requests are left to them. */
  next<Type extends ServerMessage['type']>(
    type: Type,
    matches: (message: Of<Type>) => boolean = () => true,
  ): Promise<Of<Type>> {
    // The casts: the predicate makes the message one of this type.
    const wants = (message: ServerMessage): boolean => message.type === type && matches(message as Of<Type>);
    return this.#take(wants) as Promise<Of<Type>>;
  }

  /** What answers a request. */
  answer(id: number): Promise<ServerMessage> {
    return this.#take((message) => 'id' in message && message.id === id);
  }

  /** What was sent is answered by whatever has the same id. */
  join(
    meeting: { readonly meeting: string; readonly passcode?: string },
    name = 'Ada',
    more: Partial<Join> = {},
  ): Promise<ServerMessage> {
    const id = this.#nextId++;
    const { meeting: number, passcode } = meeting;
    const sources = { '0': 'microphone', '1': 'camera', '2': 'screen' } as const;
    this.send({
      type: 'join',
      id,
      meeting: number,
      ...(passcode === undefined ? {} : { passcode }),
      name,
      offer: `offer of ${name}`,
      sources,
      muted: ['screen'],
      ...more,
    });
    return this.answer(id);
  }

  /** Answered by `done` or `error`. */
  act(act: MeetingAct, more: { readonly hostKey?: string } = {}): Promise<ServerMessage> {
    const id = this.#nextId++;
    this.send({ type: 'act', id, act, ...more });
    return this.answer(id);
  }

  resume(session: string, way: { tried?: string[] } = {}): Promise<ServerMessage> {
    const id = this.#nextId++;
    this.send({ type: 'resume', id, session, ...way });
    return this.answer(id);
  }

  /** What was asked for by `move`, or unasked by another `path`; answered by `moved` or `error`. */
  move(offer = 'offer for the next place', why?: 'path'): Promise<ServerMessage> {
    const id = this.#nextId++;
    const sources = { '0': 'microphone', '1': 'camera' } as const;
    this.send({ type: 'move', id, offer, sources, muted: ['camera'], ...(why === undefined ? {} : { why }) });
    return this.answer(id);
  }

  /** How many messages of the type wait. */
  count(type: ServerMessage['type']): number {
    return this.#messages.filter((message) => message.type === type).length;
  }

  close(): void {
    this.socket.terminate();
  }

  #arrived(message: ServerMessage): void {
    const index = this.#waiting.findIndex(({ wants }) => wants(message));
    if (index === -1) this.#messages.push(message);
    else this.#waiting.splice(index, 1)[0]?.resolve(message);
  }

  #take(wants: (message: ServerMessage) => boolean): Promise<ServerMessage> {
    const index = this.#messages.findIndex(wants);
    const [message] = index === -1 ? [] : this.#messages.splice(index, 1);
    if (message !== undefined) return Promise.resolve(message);
    return new Promise((resolve) => this.#waiting.push({ wants, resolve }));
  }
}

/** Narrows a reply, with the reply in the failure. */
export function expectType<Type extends ServerMessage['type']>(message: ServerMessage, type: Type): Of<Type> {
  if (message.type !== type) throw new Error(`expected ${type}, not ${JSON.stringify(message)}`);
  return message as Of<Type>; // just checked
}
