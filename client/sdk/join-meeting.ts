/** The way into the SDK: `joinMeeting` negotiates once and gives a `Meeting` to watch and to steer. */
import { type DeviceTracks, openDevices } from './local-devices.ts';
import { Meeting } from './meeting.ts';
import { MeetingError } from './meeting-error.ts';
import type { MeetingOptions, WaitingNotice } from './meeting-events.ts';
import type { VideoCodec } from './video-codec.ts';
import type { ZoneProbes } from './zone-probes.ts';

export interface JoinOptions {
  /** Any address of the zone-controller; only its origin counts. */
  url: string;
  /** 11 digits. */
  meeting: string;
  passcode: string;
  /** Told to who made the meeting; makes one the host. */
  hostKey?: string;
  name: string;
  /** Told to the server, so that it finds the zone that is best for us. */
  zones?: ZoneProbes;
  /** A track that is open already, true to open the default device, false to start without. Default: true. */
  camera?: MediaStreamTrack | boolean;
  microphone?: MediaStreamTrack | boolean;
  /** What camera and screen are sent in. Default: vp8. */
  codec?: VideoCodec;
  /** Whether they are sent in several sizes at once, so that everybody gets the one that fits. Default: true. */
  simulcast?: boolean;
  /** The W3C scalability mode of each encoding; `L3T3_KEY` and the like (VP9, AV1) take the place of simulcast. */
  scalability?: string;
  /** How many people can be heard and how many pictures seen at once. Default: 3 and 9. */
  slots?: { audio: number; video: number };
  /** One is not let in at once; what the promise brings comes when a host has decided, or the signal says otherwise. */
  onWaiting?: (notice: WaitingNotice) => void;
  /** Gives up joining or waiting: `givenUp`. */
  signal?: AbortSignal;
}

/**
 * Joins a meeting. A device that is missing or refused is a notice (`meeting.notices`), never a failure: one can always
 * listen.
 *
 * @throws MeetingError with words for people: `wrongPasscode`, `noSuchMeeting`, `meetingFull`, `notAllowed` (it is locked),
 * `refused` (by a host), `unreachable` and so on.
 */
export async function joinMeeting(options: JoinOptions): Promise<Meeting> {
  if (typeof RTCPeerConnection === 'undefined') throw new MeetingError('unsupported');
  const { camera = true, microphone = true } = options;
  const opened = await openDevices({ camera: camera === true, microphone: microphone === true });
  try {
    const meeting = new Meeting(meetingOptions(options, opened));
    await entered(meeting, options);
    return meeting;
  } catch (error) {
    opened.camera?.stop();
    opened.microphone?.stop();
    throw error;
  }
}

function meetingOptions(options: JoinOptions, opened: DeviceTracks): MeetingOptions {
  const { camera = true, microphone = true, slots = { audio: 3, video: 9 } } = options;
  return {
    url: options.url,
    meeting: options.meeting,
    passcode: options.passcode,
    hostKey: options.hostKey,
    pass: undefined,
    name: options.name,
    roundTrips: () => ({ ...options.zones?.roundTrips }),
    publish: {
      codec: options.codec ?? 'vp8',
      simulcast: options.simulcast ?? true,
      scalability: options.scalability,
    },
    audioSlots: slots.audio,
    videoSlots: slots.video,
    microphone: typeof microphone === 'boolean' ? opened.microphone : microphone,
    camera: typeof camera === 'boolean' ? opened.camera : camera,
    notices: opened.notices,
  };
}

async function entered(meeting: Meeting, { onWaiting, signal }: JoinOptions): Promise<void> {
  const giveUp = () => meeting.leave();
  const stopTelling = meeting.on('waiting', (notice) => onWaiting?.(notice));
  signal?.addEventListener('abort', giveUp);
  try {
    if (signal?.aborted) giveUp();
    await meeting.entered;
  } finally {
    stopTelling();
    signal?.removeEventListener('abort', giveUp);
  }
}
