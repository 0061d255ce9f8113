/** Opens camera and microphone, one or both, and says in plain words why one is not there. */

export interface DeviceTracks {
  microphone?: MediaStreamTrack;
  camera?: MediaStreamTrack;
  /** One sentence per device that could not be opened. */
  notices: string[];
}

export interface DeviceWishes {
  microphone: boolean;
  camera: boolean;
}

type Device = keyof DeviceWishes;

/** Sent in several sizes at once, of which everybody gets the one that fits the tile: see encoding-plan.ts. */
const CAMERA: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30, max: 30 },
  facingMode: 'user',
};

const MICROPHONE: MediaTrackConstraints = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};

/** Never throws: what is missing is a notice. Asks for both at once, so that the browser shows one question. */
export async function openDevices(wishes: DeviceWishes): Promise<DeviceTracks> {
  const wanted = (['microphone', 'camera'] as const).filter((device) => wishes[device]);
  if (wanted.length === 0) return { notices: [] };
  try {
    return await open(wanted);
  } catch (error) {
    if (wanted.length === 1) return { notices: wanted.map((device) => explain(device, error)) };
  }
  // One of the two failed and took the other with it: ask for each alone.
  const [microphone, camera] = await Promise.all([
    openDevices({ microphone: true, camera: false }),
    openDevices({ microphone: false, camera: true }),
  ]);
  return { ...microphone, ...camera, notices: mergeNotices(microphone.notices, camera.notices) };
}

async function open(devices: readonly Device[]): Promise<DeviceTracks> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: devices.includes('microphone') ? MICROPHONE : false,
    video: devices.includes('camera') ? CAMERA : false,
  });
  const tracks: DeviceTracks = { notices: [] };
  const [microphone] = stream.getAudioTracks();
  const [camera] = stream.getVideoTracks();
  if (microphone !== undefined) tracks.microphone = microphone;
  if (camera !== undefined) {
    camera.contentHint = 'motion';
    tracks.camera = camera;
  }
  return tracks;
}

function mergeNotices(first: string[], second: string[]): string[] {
  return [...new Set([...first, ...second])];
}

function explain(device: Device, error: unknown): string {
  if (globalThis.isSecureContext === false) {
    return 'Camera and microphone need a secure page: open this one with https, or on the server’s own machine.';
  }
  const name = error instanceof DOMException ? error.name : '';
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return `This page may not use your ${device}. Allow it next to the address bar; you can join without.`;
    case 'NotFoundError':
    case 'OverconstrainedError':
      return `No ${device} was found. You can join without.`;
    case 'NotReadableError':
    case 'AbortError':
      return `Your ${device} is in use by another program. You can join without.`;
    default:
      return `Your ${device} could not be opened. You can join without.`;
  }
}
