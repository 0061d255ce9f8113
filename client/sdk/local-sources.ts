import type { SourceKind } from '../../proto/signalling.ts';
import { openDevices } from './local-devices.ts';

/**
 * What this person sends: microphone, camera, screen. A muted microphone keeps its device, so that "Unmute" is heard
 * from the first syllable; a stopped camera and an ended share give theirs back, so that the device's light goes off.
 */
export class LocalSources {
  readonly #tracks = new Map<SourceKind, MediaStreamTrack>();
  readonly #live = new Set<SourceKind>();
  readonly #onEnded: (kind: SourceKind) => void;

  /** @param onEnded A device was unplugged, or sharing was ended from the browser's own bar. */
  constructor(onEnded: (kind: SourceKind) => void) {
    this.#onEnded = onEnded;
  }

  isLive(kind: SourceKind): boolean {
    return this.#live.has(kind);
  }

  /** The track to show to its owner; undefined while there is nothing to see or hear. */
  liveTrack(kind: SourceKind): MediaStreamTrack | undefined {
    return this.#live.has(kind) ? this.#tracks.get(kind) : undefined;
  }

  muted(): SourceKind[] {
    return (['microphone', 'camera', 'screen'] as const).filter((kind) => !this.#live.has(kind));
  }

  start(kind: SourceKind, track: MediaStreamTrack): void {
    const earlier = this.#tracks.get(kind);
    if (earlier !== track) {
      earlier?.stop();
      track.addEventListener('ended', () => {
        if (this.#tracks.get(kind) === track) this.#onEnded(kind);
      });
    }
    track.enabled = true;
    this.#tracks.set(kind, track);
    this.#live.add(kind);
  }

  stop(kind: SourceKind): void {
    this.#live.delete(kind);
    const track = this.#tracks.get(kind);
    if (track === undefined) return;
    track.enabled = false;
    if (kind === 'microphone' && track.readyState === 'live') return;
    this.#tracks.delete(kind);
    track.stop();
  }

  /** Opens the device when it is not there. Returns why that failed, in plain words; undefined when it is live now. */
  async resume(kind: 'microphone' | 'camera'): Promise<string | undefined> {
    let track = this.#tracks.get(kind);
    if (track === undefined || track.readyState === 'ended') {
      const opened = await openDevices({ microphone: kind === 'microphone', camera: kind === 'camera' });
      track = opened[kind];
      if (track === undefined) return opened.notices[0] ?? `Your ${kind} could not be opened.`;
    }
    this.start(kind, track);
    return undefined;
  }

  /** Lets go of the tracks without stopping them: they belong to somebody else again. */
  release(): void {
    this.#tracks.clear();
    this.#live.clear();
  }

  close(): void {
    for (const track of this.#tracks.values()) track.stop();
    this.release();
  }
}
