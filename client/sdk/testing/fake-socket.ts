import type { ClientMessage, ServerMessage } from '../../../proto/signalling.ts';

/** A WebSocket whose other end is the test. */
export class FakeSocket extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSED = 3;
  static all: FakeSocket[] = [];
  readyState = 0;
  /** Whether pings are answered. */
  isAnswering = false;
  readonly sent: ClientMessage[] = [];
  readonly url: string;

  constructor(url: string) {
    super();
    this.url = url;
    FakeSocket.all.push(this);
  }

  static get last(): FakeSocket {
    const socket = FakeSocket.all.at(-1);
    if (socket === undefined) throw new Error('no socket was opened');
    return socket;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
    if (this.isAnswering && this.sent.at(-1)?.type === 'ping') queueMicrotask(() => this.say({ type: 'pong' }));
  }

  close(): void {
    this.readyState = 3;
  }

  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
  }

  /** Opens, and answers the ping that asks whether anybody is there: of that, nothing is kept. */
  welcome(): void {
    this.open();
    if (this.sent[0]?.type !== 'ping') return;
    this.sent.length = 0;
    this.say({ type: 'pong' });
  }

  /** `code` of the closing handshake, if there was one. */
  lose(code = 1006): void {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event('close'), { code }));
  }

  say(message: ServerMessage): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }));
  }
}
