import { showAvatar } from './avatar.ts';
import { icon } from './element.ts';
import { QualityBars } from './quality-bars.ts';
import type { QualityLevel } from './quality-level.ts';
import type { Rectangle } from './tile-layout.ts';

export interface TileContent {
  /** Accessible name: the participant's name, or "NAME’s screen". */
  label: string;
  /** What stands on the tile; the own one adds "(you)". */
  caption: string;
  /** For the initials. */
  name: string;
  kind: 'camera' | 'screen';
  track: MediaStreamTrack | undefined;
  mirrored: boolean;
  silent: boolean;
  hasHand: boolean;
  speaking: boolean;
  away: boolean;
  /** The picture stands still because our connection does not carry it. */
  suspended: boolean;
  quality: QualityLevel | undefined;
  /** Undefined for what cannot be pinned: one's own. */
  pinned: boolean | undefined;
}

/** As long as the animation in tile.css. */
const REACTION_MS = 3_000;
const REACTION_SPREAD = 70;
/** On one tile at once. */
const MOST_REACTIONS = 6;

/** One participant, or one shared screen: a figure with a picture, or with initials while there is none. */
export class Tile {
  readonly element = document.createElement('figure');
  readonly #avatar = document.createElement('div');
  #video = newVideo();
  readonly #name = document.createElement('span');
  readonly #silent = icon('icon-mic-off', 'Muted');
  readonly #hand = document.createElement('span');
  readonly #quality = new QualityBars();
  readonly #caption = document.createElement('figcaption');
  readonly #paused = document.createElement('p');
  readonly #pin = document.createElement('button');
  #track: MediaStreamTrack | undefined;
  /** Plays what is to be shown as soon as it has a picture. */
  #coming: HTMLVideoElement | undefined;

  /** @param onPin The button that shows this tile large was pressed. */
  constructor(onPin: () => void) {
    this.element.className = 'tile';
    this.#avatar.className = 'avatar';
    this.#avatar.setAttribute('aria-hidden', 'true');
    this.#name.className = 'caption-name';
    this.#paused.className = 'paused';
    this.#paused.textContent = 'Video paused: your connection is weak';
    this.#paused.hidden = true;
    this.#pin.type = 'button';
    this.#pin.className = 'pin';
    this.#pin.append(icon('icon-pin'));
    this.#pin.addEventListener('click', onPin);
    this.#hand.className = 'hand';
    this.#hand.append(icon('icon-hand', 'Hand raised'));
    this.#caption.append(this.#silent, this.#name, this.#quality.element);
    this.element.append(this.#avatar, this.#video, this.#paused, this.#hand, this.#caption, this.#pin);
  }

  show(content: TileContent): void {
    this.element.setAttribute('aria-label', content.label);
    this.element.dataset.kind = content.kind;
    this.element.toggleAttribute('data-mirrored', content.mirrored);
    this.element.toggleAttribute('data-speaking', content.speaking);
    this.element.toggleAttribute('data-away', content.away);
    this.#name.textContent = content.away ? `${content.caption} – reconnecting` : content.caption;
    // Long names are cut short on small tiles.
    this.#name.title = content.caption;
    this.#silent.toggleAttribute('hidden', !content.silent);
    this.#hand.hidden = !content.hasHand;
    this.#quality.show(content.quality);
    this.element.toggleAttribute('data-suspended', content.suspended);
    this.#paused.hidden = !content.suspended;
    this.#pin.hidden = content.pinned === undefined;
    this.#pin.setAttribute('aria-pressed', String(content.pinned === true));
    this.#pin.setAttribute('aria-label', `Pin ${content.label}`);
    showAvatar(this.#avatar, content.name);
    this.#showTrack(content.track);
  }

  place(where: Rectangle): void {
    const { style } = this.element;
    style.setProperty('--left', `${where.left.toFixed(1)}px`);
    style.setProperty('--top', `${where.top.toFixed(1)}px`);
    style.setProperty('--width', `${where.width.toFixed(1)}px`);
    style.setProperty('--height', `${where.height.toFixed(1)}px`);
  }

  /** An emoji rises over the picture for a moment. */
  react(emoji: string): void {
    const mark = document.createElement('span');
    mark.className = 'reaction';
    mark.setAttribute('aria-hidden', 'true');
    mark.textContent = emoji;
    // Beside each other rather than over each other.
    mark.style.setProperty('--drift', `${Math.round((Math.random() - 0.5) * REACTION_SPREAD)}px`);
    this.element.append(mark);
    const marks = this.element.getElementsByClassName('reaction');
    while (marks.length > MOST_REACTIONS) marks[0]?.remove();
    setTimeout(() => mark.remove(), REACTION_MS);
  }

  remove(): void {
    this.#showTrack(undefined);
    this.element.remove();
  }

  /**
   * The initials stay until the first picture of this source is there, and so does its last picture when it comes by
   * another track from now on: nobody's picture is ever seen under somebody else's name.
   */
  #showTrack(track: MediaStreamTrack | undefined): void {
    if (this.#track === track) return;
    this.#track = track;
    this.#coming?.remove();
    this.#coming = undefined;
    if (track === undefined || this.#video.hidden) this.#showInitials();
    else this.#video.pause();
    if (track === undefined) return;
    const coming = newVideo();
    this.#coming = coming;
    this.#video.after(coming);
    coming.srcObject = new MediaStream([track]);
    coming.play().catch(() => undefined);
    whenPictured(coming, () => {
      if (this.#coming !== coming) return;
      this.#coming = undefined;
      this.#dropVideo();
      this.#video = coming;
      coming.hidden = false;
      this.#avatar.hidden = true;
    });
  }

  #showInitials(): void {
    this.#video.hidden = true;
    this.#video.srcObject = null;
    this.#avatar.hidden = false;
  }

  #dropVideo(): void {
    this.#video.srcObject = null;
    this.#video.remove();
  }
}

/** Sound comes from the audio slots; a muted video may play without anybody's permission. */
function newVideo(): HTMLVideoElement {
  const video = document.createElement('video');
  video.muted = true;
  video.autoplay = true;
  video.playsInline = true;
  video.hidden = true;
  return video;
}

function whenPictured(video: HTMLVideoElement, then: () => void): void {
  if (typeof video.requestVideoFrameCallback === 'function') video.requestVideoFrameCallback(then);
  else video.addEventListener('loadeddata', then, { once: true });
}
