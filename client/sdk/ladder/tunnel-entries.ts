/** Sessions with tunnels: that by which media goes, and those that stand ready for it. */
import type { CarrierKind } from '../../tunnel/carriers/session-carrier.ts';
import type { MediaWay } from '../media-way.ts';
import type { TunnelEntry } from './tunnel-entry.ts';

interface Held {
  readonly entry: TunnelEntry;
  release(): void;
}

/** After a way was left, connections by it stay for a moment (LINGER_MS of relocation.ts). */
const LEAVE_MS = 2_000;

export class TunnelEntries {
  readonly #ready = new Map<CarrierKind, Held>();
  /** For a connection that was ordered, until it is in use. */
  #expected: Held | undefined;
  #inUse: Held | undefined;
  #isClosed = false;
  readonly #byMedia = new WeakMap<MediaWay, TunnelEntry>();

  get inUse(): TunnelEntry | undefined {
    return this.#inUse?.entry;
  }

  get(kind: CarrierKind): TunnelEntry | undefined {
    return this.#ready.get(kind)?.entry;
  }

  /** It stands ready from now on, in place of another one. */
  add(kind: CarrierKind, entry: TunnelEntry): void {
    const before = this.#ready.get(kind);
    this.#ready.set(kind, held(entry));
    before?.release();
    if (this.#isClosed) this.close();
  }

  /** Those of other kinds are not needed any more. */
  keepOnly(isWanted: (kind: CarrierKind) => boolean): void {
    for (const [kind, { release }] of this.#ready) {
      if (isWanted(kind)) continue;
      this.#ready.delete(kind);
      release();
    }
  }

  /** A connection of it is about to be made. */
  expect(entry: TunnelEntry): void {
    const before = this.#expected;
    this.#expected = held(entry);
    before?.release();
    if (this.#isClosed) this.close();
  }

  /** This connection was made by it. */
  bind(media: MediaWay, entry: TunnelEntry): void {
    this.#byMedia.set(media, entry);
  }

  /** This connection is in use from now on, by whichever way it was made. */
  use(media: MediaWay): void {
    const entry = this.#byMedia.get(media);
    if (this.inUse === entry) return;
    this.#leave();
    this.#inUse = entry && held(entry);
    this.#expected?.release();
    this.#expected = undefined;
  }

  /** Whatever comes later is closed at once. */
  close(): void {
    this.#isClosed = true;
    this.keepOnly(() => false);
    this.#expected?.release();
    this.#expected = undefined;
    this.#leave();
  }

  #leave(): void {
    const before = this.#inUse;
    this.#inUse = undefined;
    if (before !== undefined) setTimeout(() => before.release(), LEAVE_MS);
  }
}

function held(entry: TunnelEntry): Held {
  return { entry, release: entry.hold() };
}
