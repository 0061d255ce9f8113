/** All tiles of a meeting: who has one, in which order, and where it stands; and what is asked for to fill them. */
import type { SourceKind } from '../../proto/signalling.ts';
import type { Meeting } from '../sdk/meeting.ts';
import { element } from './element.ts';
import { LargeTile } from './large-tile.ts';
import { stageContents } from './stage-contents.ts';
import { Tile } from './tile.ts';
import { galleryLayout, type Rectangle, speakerLayout } from './tile-layout.ts';
import { type StageView, ViewChoice } from './view-choice.ts';
import type { Picture } from './view-plan.ts';
import { ViewRequest } from './view-request.ts';

/** Of the stage's height: tiles this near to what is seen are fetched already, so that scrolling does not wait. */
const NEARLY_SEEN = 0.25;
const WIDE = 16 / 9;

export class Stage {
  readonly #meeting: Meeting;
  readonly #frame = element('tiles', HTMLElement);
  readonly #tiles = new Map<string, Tile>();
  readonly #resize = new ResizeObserver(() => this.#place());
  readonly #large = new LargeTile();
  readonly #request: ViewRequest;
  readonly #onScroll = () => this.#request.changed();
  readonly #choice = new ViewChoice();
  #onView: () => void = () => undefined;
  /** Tiles in the order of the gallery, and where each stands now. */
  #order: string[] = [];
  #places = new Map<string, Rectangle>();
  #largeTimer: number | undefined;

  /** @param onView The view has changed by itself: with a pin, a shared screen, or a spotlight. */
  constructor(meeting: Meeting, onView: () => void) {
    this.#meeting = meeting;
    this.#request = new ViewRequest(meeting, () => this.#pictures());
    this.#resize.observe(this.#frame);
    this.#frame.addEventListener('scroll', this.#onScroll, { passive: true });
    this.refresh();
    this.#onView = onView;
  }

  get view(): StageView {
    return this.#choice.view;
  }

  set view(view: StageView) {
    this.#choice.choose(view);
    if (view === 'gallery') this.#large.unpin();
    this.#frame.scrollTop = 0;
    this.refresh();
  }

  /** Makes the tiles what the meeting is now. Cheap enough for every event. */
  refresh(): void {
    const contents = stageContents(this.#meeting, this.#large.pinned);
    for (const [key, tile] of this.#tiles) {
      if (contents.has(key)) continue;
      tile.remove();
      this.#tiles.delete(key);
    }
    for (const [key, content] of contents) {
      let tile = this.#tiles.get(key);
      if (tile === undefined) {
        tile = new Tile(() => this.#pin(key));
        this.#tiles.set(key, tile);
        this.#frame.append(tile.element);
      }
      tile.show(content);
    }
    this.#order = [...contents.keys()];
    const isOthersScreen = (key: string) => key.endsWith('/screen') && !key.startsWith('self/');
    const isOtherLit = this.#meeting.record.spotlight.some((participant) => this.#tiles.has(`${participant}/camera`));
    if (this.#choice.handleLarge(isOtherLit || this.#order.some(isOthersScreen))) this.#onView();
    this.#place();
  }

  /** Somebody shows an emoji. */
  react(participant: string, emoji: string): void {
    const owner = participant === this.#meeting.self ? 'self' : participant;
    this.#tiles.get(`${owner}/camera`)?.react(emoji);
  }

  dispose(): void {
    this.#resize.disconnect();
    this.#frame.removeEventListener('scroll', this.#onScroll);
    window.clearTimeout(this.#largeTimer);
    this.#request.dispose();
    for (const tile of this.#tiles.values()) tile.remove();
    this.#tiles.clear();
    delete this.#frame.dataset.settled;
  }

  /** What is pinned stands large, so the view becomes the one that has a large tile. */
  #pin(key: string): void {
    this.#large.togglePin(key);
    if (this.#large.pinned !== undefined) this.#choice.choose('speaker');
    this.refresh();
    this.#onView();
  }

  #place(): void {
    const area = { width: this.#frame.clientWidth, height: this.#frame.clientHeight };
    const isSpeaker = this.view === 'speaker';
    const order = isSpeaker ? this.#largeFirst() : this.#order;
    const rectangles = isSpeaker ? speakerLayout(order.length, area) : galleryLayout(order.length, area);
    this.#places = new Map();
    order.forEach((key, index) => {
      const rectangle = rectangles[index];
      if (rectangle === undefined) return;
      this.#places.set(key, rectangle);
      this.#tiles.get(key)?.place(rectangle);
    });
    this.#request.changed();
    // Only what moves later is animated, not the first arrangement.
    if (rectangles.length > 0) requestAnimationFrame(() => this.#frame.setAttribute('data-settled', ''));
  }

  #largeFirst(): string[] {
    const nowMs = performance.now();
    const { speakers, record } = this.#meeting;
    const candidates = { keys: this.#order, speakers, spotlight: record.spotlight };
    const large = this.#large.choose(nowMs, candidates);
    window.clearTimeout(this.#largeTimer);
    const waitMs = this.#large.waitMs(nowMs, candidates);
    if (waitMs > 0) this.#largeTimer = window.setTimeout(() => this.#place(), waitMs);
    return [large, ...this.#order.filter((key) => key !== large)];
  }

  /** The others' pictures, most important first: what is large, shared screens, who speaks, then by arrival. */
  #pictures(): Picture[] {
    const { others, speakers, record } = this.#meeting;
    const top = this.#frame.scrollTop - this.#frame.clientHeight * NEARLY_SEEN;
    const bottom = this.#frame.scrollTop + this.#frame.clientHeight * (1 + NEARLY_SEEN);
    const picture = (participant: string, kind: SourceKind): Picture[] => {
      const key = `${participant}/${kind}`;
      const place = this.#places.get(key);
      if (place === undefined) return [];
      const visible = place.top < bottom && place.top + place.height > top;
      const isLit = kind === 'camera' && record.spotlight.includes(participant);
      const pinned = isLit || key === this.#large.pinned;
      return [{ participant, kind, visible, pinned, height: pictureHeight(place, kind) }];
    };
    const rank = (participant: string) => {
      const place = speakers.indexOf(participant);
      return place === -1 ? speakers.length : place;
    };
    const live = (kind: SourceKind) => others.filter((entry) => entry.live.includes(kind));
    return [
      ...live('screen').flatMap(({ participant }) => picture(participant, 'screen')),
      ...live('camera')
        .toSorted((a, b) => rank(a.participant) - rank(b.participant))
        .flatMap(({ participant }) => picture(participant, 'camera')),
    ].toSorted((a, b) => Number(b.pinned) - Number(a.pinned) || b.height - a.height);
  }
}

/** Lines of a 16:9 picture that the tile has pixels for: faces fill their tile, screens are shown whole. */
function pictureHeight({ width, height }: Rectangle, kind: SourceKind): number {
  const lines = kind === 'screen' ? Math.min(height, width / WIDE) : Math.max(height, width / WIDE);
  return lines * devicePixelRatio;
}
