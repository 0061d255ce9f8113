/** The DTLS of labs with trunks: a handshake of a few words, with keys that are the same for everybody. */
import type { DtlsRole, DtlsSession, DtlsState, SrtpKeys } from '../transport/dtls-session.ts';
import { KEYS, ScriptedDtls } from '../transport/transport-test-lab.ts';

/** First byte of a DTLS handshake record: what the demultiplexer takes for DTLS. */
const HANDSHAKE = 22;

/** Both ends of a handshake, scripted; participants' handshakes, which come as bare text, work as well. */
export class LabDtls implements DtlsSession {
  state: DtlsState = 'handshaking';
  readonly #server = new ScriptedDtls();
  readonly #role: DtlsRole;
  readonly #outgoing: Uint8Array[] = [];
  #flight = 'hello';
  #isFramed = false;

  constructor(role: DtlsRole) {
    this.#role = role;
    if (role === 'client') this.#say('hello');
  }

  handle(datagram: Uint8Array): void {
    this.#isFramed = datagram[0] === HANDSHAKE;
    const bytes = this.#isFramed ? datagram.subarray(1) : datagram;
    const text = new TextDecoder().decode(bytes);
    // Before that it is another association's, which the real endpoint cannot read.
    if (text === 'close_notify' && this.state === 'connected') this.state = 'closed';
    else if (this.#role === 'server') {
      this.#server.handle(bytes);
      this.state = this.#server.state;
    } else if (text === 'flight') this.#say('finished');
    else if (text === 'done') this.state = 'connected';
  }

  takeOutgoing(): Uint8Array | undefined {
    const bytes = this.#role === 'server' ? this.#server.takeOutgoing() : this.#outgoing.shift();
    if (bytes === undefined || (this.#role === 'server' && !this.#isFramed)) return bytes;
    return Uint8Array.from([HANDSHAKE, ...bytes]);
  }

  handleTimeout(): void {
    if (this.#role === 'server') this.#server.handleTimeout();
    else this.#say(this.#flight);
  }

  timeoutUs(): number | undefined {
    if (this.#role === 'server') return this.#server.timeoutUs();
    return this.state === 'handshaking' ? 1_000_000 : undefined;
  }

  fingerprint(): Uint8Array {
    return new Uint8Array(32).fill(7);
  }

  srtpKeys(): SrtpKeys {
    return KEYS;
  }

  close(): void {
    this.#server.close();
    if (this.#role === 'client') this.#outgoing.push(new TextEncoder().encode('close_notify'));
  }

  #say(text: string): void {
    this.#flight = text;
    this.#outgoing.push(new TextEncoder().encode(text));
  }
}
