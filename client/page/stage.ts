/** All tiles of a meeting: who has one, in which order, and where it stands. */
import type { Meeting } from '../sdk/meeting.ts';
import { element } from './element.ts';
import { Tile, type TileContent } from './tile.ts';
import { galleryLayout, speakerLayout } from './tile-layout.ts';

export type StageView = 'gallery' | 'speaker';

/** How many of the loudest count as speaking: more rings than this say nothing. */
const RINGS = 3;

export class Stage {
  readonly #meeting: Meeting;
  readonly #frame = element('tiles', HTMLElement);
  readonly #tiles = new Map<string, Tile>();
  readonly #resize = new ResizeObserver(() => this.#place());
  #view: StageView = 'gallery';
  #order: string[] = [];
  #spotlight = '';
  #requestedHeight = 0;

  constructor(meeting: Meeting) {
    this.#meeting = meeting;
    this.#resize.observe(this.#frame);
    this.refresh();
  }

  get view(): StageView {
    return this.#view;
  }

  set view(view: StageView) {
    this.#view = view;
    this.#frame.scrollTop = 0;
    this.refresh();
  }

  /** Makes the tiles what the meeting is now. Cheap enough for every event. */
  refresh(): void {
    const contents = this.#contents();
    for (const [key, tile] of this.#tiles) {
      if (contents.has(key)) continue;
      tile.remove();
      this.#tiles.delete(key);
    }
    for (const [key, content] of contents) {
      let tile = this.#tiles.get(key);
      if (tile === undefined) {
        tile = new Tile();
        this.#tiles.set(key, tile);
        this.#frame.append(tile.element);
      }
      tile.show(content);
    }
    this.#order = [...contents.keys()];
    this.#place();
  }

  dispose(): void {
    this.#resize.disconnect();
    for (const tile of this.#tiles.values()) tile.remove();
    this.#tiles.clear();
    delete this.#frame.dataset.settled;
  }

  /** Shared screens first, then ourselves, then the others in the order of their arrival. */
  #contents(): Map<string, TileContent> {
    const meeting = this.#meeting;
    const speaking = new Set(meeting.speakers.slice(0, RINGS));
    const contents = new Map<string, TileContent>();
    for (const { participant, name, live, connected } of meeting.others) {
      if (!live.includes('screen')) continue;
      const track = meeting.trackOf(participant, 'screen');
      contents.set(`${participant}/screen`, screenContent(name, track, !connected));
    }
    const ownScreen = meeting.localTrack('screen');
    if (ownScreen !== undefined) contents.set('self/screen', screenContent(meeting.name, ownScreen, false));
    contents.set('self/camera', {
      label: meeting.name,
      caption: `${meeting.name} (you)`,
      name: meeting.name,
      kind: 'camera',
      track: meeting.localTrack('camera'),
      mirrored: true,
      silent: !meeting.isLive('microphone'),
      speaking: meeting.isLive('microphone') && speaking.has(meeting.self),
      away: false,
    });
    for (const { participant, name, live, connected } of meeting.others) {
      contents.set(`${participant}/camera`, {
        label: name,
        caption: name,
        name,
        kind: 'camera',
        track: live.includes('camera') ? meeting.trackOf(participant, 'camera') : undefined,
        mirrored: false,
        silent: !live.includes('microphone'),
        speaking: live.includes('microphone') && speaking.has(participant),
        away: !connected,
      });
    }
    return contents;
  }

  #place(): void {
    const area = { width: this.#frame.clientWidth, height: this.#frame.clientHeight };
    const order = this.#view === 'speaker' ? this.#spotlightFirst() : this.#order;
    const rectangles = this.#view === 'speaker' ? speakerLayout(order.length, area) : galleryLayout(order.length, area);
    let tallest = 0;
    order.forEach((key, index) => {
      const rectangle = rectangles[index];
      if (rectangle === undefined) return;
      this.#tiles.get(key)?.place(rectangle);
      tallest = Math.max(tallest, rectangle.height);
    });
    this.#request(tallest * devicePixelRatio);
    // Only what moves later is animated, not the first arrangement.
    if (rectangles.length > 0) requestAnimationFrame(() => this.#frame.setAttribute('data-settled', ''));
  }

  /** A shared screen, else the loudest of the others, else whoever was large before, else the first of the others. */
  #spotlightFirst(): string[] {
    const screen = this.#order.find((key) => key.endsWith('/screen') && key !== 'self/screen');
    const speaker = this.#meeting.speakers.find((participant) => this.#tiles.has(`${participant}/camera`));
    const before = this.#tiles.has(this.#spotlight) && this.#spotlight !== 'self/camera' ? this.#spotlight : undefined;
    const other = this.#order.find((key) => !key.startsWith('self/'));
    this.#spotlight = screen ?? (speaker && `${speaker}/camera`) ?? before ?? other ?? 'self/camera';
    return [this.#spotlight, ...this.#order.filter((key) => key !== this.#spotlight)];
  }

  /** Tells the server the largest picture that is of any use here; only when that changes by a class of size. */
  #request(height: number): void {
    const maxHeight = [180, 360, 720, 1080].find((each) => height <= each) ?? 2160;
    if (maxHeight === this.#requestedHeight) return;
    this.#requestedHeight = maxHeight;
    const slots = [...this.#meeting.slots].filter(([, slot]) => slot.kind === 'video');
    this.#meeting.view(slots.map(([mid]) => ({ mid, source: 'auto', maxHeight })));
  }
}

function screenContent(name: string, track: MediaStreamTrack | undefined, away: boolean): TileContent {
  const label = `${name}’s screen`;
  return { label, caption: label, name, kind: 'screen', track, mirrored: false, silent: false, speaking: false, away };
}
