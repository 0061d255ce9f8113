import { type DeviceTracks, openDevices } from '../sdk/local-devices.ts';
import { showAvatar } from './avatar.ts';
import { element } from './element.ts';

type Device = 'microphone' | 'camera';

const DEVICES = ['microphone', 'camera'] as const;

/** Camera and microphone before the meeting: opened once, shown, switched on and off, then handed to the meeting. */
export class DevicePreview {
  readonly #video = element('preview-video', HTMLVideoElement);
  readonly #avatar = element('preview-avatar', HTMLElement);
  readonly #words = element('preview-words', HTMLElement);
  readonly #notice = element('device-notice', HTMLElement);
  readonly #switches = {
    microphone: element('lobby-microphone', HTMLButtonElement),
    camera: element('lobby-camera', HTMLButtonElement),
  };
  readonly #wanted = { microphone: true, camera: true };
  #tracks: Partial<Record<Device, MediaStreamTrack>> = {};
  #opening: Promise<void> = Promise.resolve();

  constructor() {
    for (const device of DEVICES) {
      this.#switches[device].addEventListener('click', () => {
        this.#wanted[device] = !this.#wanted[device];
        void this.open();
      });
    }
  }

  /** Resolves when the browser has answered for all devices that are switched on. Never rejects. */
  open(): Promise<void> {
    this.#show();
    this.#opening = this.#opening.then(() => this.#openMissing());
    return this.#opening;
  }

  /** Which devices were live when a meeting ended, so that the next one starts alike. */
  want(wanted: Record<Device, boolean>): void {
    Object.assign(this.#wanted, wanted);
  }

  showName(name: string): void {
    showAvatar(this.#avatar, name);
  }

  tracks(): Partial<Record<Device, MediaStreamTrack>> {
    return { ...this.#tracks };
  }

  /** From here on the tracks belong to the meeting. */
  handOver(): void {
    this.#tracks = {};
    this.#show();
  }

  async #openMissing(): Promise<void> {
    const missing = (device: Device) => this.#wanted[device] && this.#tracks[device]?.readyState !== 'live';
    const opened: DeviceTracks = await openDevices({ microphone: missing('microphone'), camera: missing('camera') });
    for (const device of DEVICES) {
      const track = opened[device];
      if (track !== undefined) this.#tracks[device] = track;
      if (this.#wanted[device]) continue;
      this.#tracks[device]?.stop();
      delete this.#tracks[device];
    }
    this.#notice.textContent = opened.notices.join(' ');
    for (const device of DEVICES) if (this.#tracks[device] === undefined) this.#wanted[device] = false;
    this.#show();
  }

  #show(): void {
    for (const device of DEVICES) {
      this.#switches[device].setAttribute('aria-checked', String(this.#wanted[device]));
      const symbol = device === 'microphone' ? 'icon-mic' : 'icon-camera';
      const use = this.#switches[device].querySelector('use');
      use?.setAttribute('href', `#${symbol}${this.#wanted[device] ? '' : '-off'}`);
    }
    const { camera } = this.#tracks;
    const shown = this.#wanted.camera ? camera : undefined;
    this.#video.srcObject = shown === undefined ? null : new MediaStream([shown]);
    this.#video.hidden = shown === undefined;
    this.#words.textContent =
      shown !== undefined ? '' : this.#wanted.camera ? 'Starting camera…' : 'Your camera is off';
  }
}
