/**
 * From one zone to another, as the page does it: a second socket there on which the stay is resumed, media by it, and only when
 * as much comes that way as by the old one, the old one is let go. What the new zone says meanwhile is kept for later.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { HeadlessMedia } from './headless-media.ts';
import { type SignallingNotice, type SignallingReply, SignallingSocket } from './signalling-socket.ts';

type Resumed = Extract<SignallingReply, { type: 'resumed' }>;
type Moved = Extract<SignallingReply, { type: 'moved' }>;

/** For all of it. */
const TRANSFER_MS = 20_000;
const LOOK_MS = 20;

export interface TransferOptions {
  readonly urls: readonly string[];
  readonly session: string;
  readonly trustedPem: string | undefined;
  /** What comes by the old way. */
  readonly before: HeadlessMedia;
  readonly next: HeadlessMedia;
  /** Puts an offer of `next` into the request that asks for a place. */
  readonly move: (socket: SignallingSocket) => Promise<Moved>;
  /** `next` is connected. Rejects when it will not be. */
  readonly connected: () => Promise<void>;
  /** Those who have to be there, too. */
  readonly present: () => readonly string[];
  /** What the new socket says once it is the one in use. */
  readonly notice: (notice: SignallingNotice) => void;
  readonly closed: (socket: SignallingSocket) => void;
}

export interface Transferred {
  readonly socket: SignallingSocket;
  readonly resumed: Resumed;
  readonly moved: Moved;
  /** To be called when `socket` is in use: what it has said is told from then on. */
  readonly take: () => void;
}

/** Rejects when it has come to nothing; then nothing of it is left, and the old way is as it was. */
export async function transfer(options: TransferOptions): Promise<Transferred> {
  const { urls, session, trustedPem, before, next } = options;
  const endMs = performance.now() + TRANSFER_MS;
  const noted: SignallingNotice[] = [];
  const there = new Set<string>();
  const asked = Promise.withResolvers<void>();
  let isTaken = false;
  const hear = (notice: SignallingNotice): void => {
    if (notice.type === 'roster') for (const { participant } of notice.changed) there.add(participant);
    if (isTaken) options.notice(notice);
    else if (notice.type === 'move') asked.resolve();
    else noted.push(notice);
  };
  const socket = await SignallingSocket.open(urls[0] ?? '', hear, () => options.closed(socket), trustedPem);
  try {
    const resumed = await socket.request({ type: 'resume', session });
    if (resumed.type !== 'resumed') throw new Error(`resume was answered by ${resumed.type}`);
    for (const { participant } of resumed.roster) there.add(participant);
    await Promise.race([asked.promise, pause(TRANSFER_MS, undefined, { ref: false })]);
    const moved = await options.move(socket);
    next.acceptAnswer(moved.answer);
    await options.connected();
    while (performance.now() < endMs && !(isAll(options.present(), there) && flows(next) >= flows(before))) {
      await pause(LOOK_MS);
    }
    const take = (): void => {
      isTaken = true;
      for (const notice of noted) options.notice(notice);
    };
    return { socket, resumed, moved, take };
  } catch (error) {
    socket.close();
    next.close();
    throw error;
  }
}

function isAll(expected: readonly string[], there: ReadonlySet<string>): boolean {
  return expected.every((participant) => there.has(participant));
}

/** Slots in which something can be seen or heard. */
function flows(media: HeadlessMedia): number {
  return media.slots().filter(({ packets }) => packets > 0).length;
}
