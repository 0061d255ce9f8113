/**
 * One send-only m-line: its track, its encodings, and what of them is encoded at the moment. What is wanted of a source
 * is state that comes at any time, also while an earlier change is on its way; changes are made one after the other.
 */
import type { EncodingEntry, SourceKind } from '../../proto/signalling.ts';
import { codecPreferences } from './codec-preferences.ts';
import {
  type EncodingPlan,
  type PublishOptions,
  planEncodings,
  reduceToDemand,
  ridsFor,
  scalabilityModeFor,
} from './encoding-plan.ts';

/** What TypeScript's lib.dom does not have yet (W3C webrtc-svc section 4.1, mst-content-hint section 4). */
interface Encoding extends RTCRtpEncodingParameters {
  scalabilityMode?: string;
}
interface Parameters extends RTCRtpSendParameters {
  degradationPreference?: 'maintain-framerate' | 'maintain-resolution' | 'balanced';
}

export class SourceSender {
  readonly #kind: SourceKind;
  readonly #options: PublishOptions;
  readonly #transceiver: RTCRtpTransceiver;
  #demand: readonly EncodingEntry[] = [];
  #tail: Promise<void> = Promise.resolve();

  constructor(peer: RTCPeerConnection, kind: SourceKind, track: MediaStreamTrack | undefined, options: PublishOptions) {
    this.#kind = kind;
    this.#options = options;
    const media = kind === 'microphone' ? 'audio' : 'video';
    const rids = ridsFor(kind, heightOf(track), options);
    const scalabilityMode = scalabilityModeFor(kind, rids, options);
    const plan = planEncodings(kind, rids, heightOf(track), options);
    this.#transceiver = peer.addTransceiver(track ?? media, {
      direction: 'sendonly',
      sendEncodings: plan.map(
        (each): Encoding => ({
          ...(each.rid === '' ? {} : { rid: each.rid }),
          ...wire(each, media),
          ...(scalabilityMode === undefined ? {} : { scalabilityMode }),
        }),
      ),
    });
    const codecs = codecPreferences(RTCRtpSender.getCapabilities(media)?.codecs, media, options.codec);
    if (codecs !== undefined) this.#transceiver.setCodecPreferences(codecs);
  }

  /** The m-line's mid; undefined before the offer was made. */
  get mid(): string | undefined {
    return this.#transceiver.mid ?? undefined;
  }

  /** Sends a track from now on, or nothing. */
  async send(track: MediaStreamTrack | undefined): Promise<void> {
    await this.#transceiver.sender.replaceTrack(track ?? null);
    await this.adjust();
  }

  /** Which encodings anybody needs from now on; those that are not named are needed. */
  async setDemand(demand: readonly EncodingEntry[]): Promise<void> {
    this.#demand = demand;
    await this.adjust();
  }

  demandOf(rid: string): EncodingEntry | undefined {
    return this.#demand.find((each) => each.rid === rid);
  }

  /** Makes the sender's parameters what they should be now. To be called when the answer has been applied, too. */
  adjust(): Promise<void> {
    // A sender that refuses, or is closed by now, goes on as it was: parameters are wishes.
    this.#tail = this.#tail.then(() => this.#adjust()).catch(() => undefined);
    return this.#tail;
  }

  async #adjust(): Promise<void> {
    const { sender } = this.#transceiver;
    const parameters: Parameters = sender.getParameters();
    const { encodings } = parameters;
    if (encodings === undefined || encodings.length === 0) return;
    const height = heightOf(sender.track ?? undefined);
    // Fewer than were offered when the other side takes no simulcast.
    const rids = encodings.length === 1 ? [''] : encodings.map(({ rid }) => rid ?? '');
    const plan = reduceToDemand(planEncodings(this.#kind, rids, height, this.#options), this.#demand, height);
    const media = this.#kind === 'microphone' ? 'audio' : 'video';
    let isChanged = false;
    encodings.forEach((encoding, index) => {
      const each = plan[index];
      if (each === undefined) return;
      const wanted = wire(each, media);
      isChanged ||= (Object.keys(wanted) as (keyof typeof wanted)[]).some((name) => encoding[name] !== wanted[name]);
      Object.assign(encoding, wanted);
    });
    if (this.#kind === 'screen' && parameters.degradationPreference !== 'maintain-resolution') {
      parameters.degradationPreference = 'maintain-resolution';
      isChanged = true;
    }
    if (isChanged) await sender.setParameters(parameters);
  }
}

function wire(
  { active, maxBitrateBps, scaleResolutionDownBy, maxFramerate }: EncodingPlan,
  media: 'audio' | 'video',
): Pick<Encoding, 'active' | 'maxBitrate' | 'scaleResolutionDownBy' | 'maxFramerate'> {
  const common = { active, maxBitrate: maxBitrateBps };
  if (media === 'audio') return common;
  return { ...common, scaleResolutionDownBy, ...(maxFramerate === undefined ? {} : { maxFramerate }) };
}

/** Of the shorter side: a phone that is held upright films as much as one that lies. */
function heightOf(track: MediaStreamTrack | undefined): number | undefined {
  const { width, height } = track?.getSettings() ?? {};
  return width === undefined || height === undefined ? undefined : Math.min(width, height);
}
