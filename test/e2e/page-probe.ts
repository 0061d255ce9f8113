/**
 * Runs in the page before its own scripts: makes the fake camera small, so that several people fit on two cores, and
 * keeps hold of connections and sockets, so that tests can read `getStats()` and cut the line.
 */
declare global {
  interface Window {
    probe: {
      peers: RTCPeerConnection[];
      sockets: WebSocket[];
      /** While true, new sockets find no server. */
      offline: boolean;
      /** How often ICE lost a connection. */
      interruptions: number;
    };
  }
}

export interface Capture {
  width: number;
  height: number;
  frameRate: number;
}

/** @param device Which of the cameras to open. One that several people share stands still when the next one opens it. */
export function installProbe({ capture, device }: { capture: Capture; device: number }): void {
  window.probe = { peers: [], sockets: [], offline: false, interruptions: 0 };
  window.RTCPeerConnection = new Proxy(RTCPeerConnection, {
    construct(target, [configuration]: [RTCConfiguration?]) {
      const peer = new target(configuration);
      window.probe.peers.push(peer);
      peer.addEventListener('iceconnectionstatechange', () => {
        if (/disconnected|failed/.test(peer.iceConnectionState)) window.probe.interruptions++;
      });
      return peer;
    },
  });
  window.WebSocket = new Proxy(WebSocket, {
    construct(target, [url, protocols]: [string, string[]?]) {
      const socket = new target(window.probe.offline ? new URL('/nowhere', url) : url, protocols);
      window.probe.sockets.push(socket);
      return socket;
    },
  });
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wishes) => {
    if (!wishes?.video) return open(wishes);
    const all = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === 'videoinput');
    // Chromium's second one films depth, which is not sent, and its third one MJPEG, which costs a decoder.
    const cameras = all.filter((_, index) => index !== 1 && index !== 2);
    const deviceId = cameras[device % cameras.length]?.deviceId ?? '';
    return open({ ...wishes, video: { ...capture, ...(deviceId === '' ? {} : { deviceId: { exact: deviceId } }) } });
  };
}

export interface ReceivedVideo {
  framesDecoded: number;
  width: number;
  height: number;
  codec: string;
}

/** What the video in the tile with this name receives; undefined while it shows none. */
export async function receivedVideo(name: string): Promise<ReceivedVideo | undefined> {
  const figure = [...document.querySelectorAll('figure')].find((each) => each.getAttribute('aria-label') === name);
  const stream = figure?.querySelector('video')?.srcObject;
  const track = stream instanceof MediaStream ? stream.getVideoTracks()[0]?.id : undefined;
  for (const peer of window.probe.peers) {
    const report = await peer.getStats();
    for (const stats of report.values()) {
      if (stats.type !== 'inbound-rtp' || stats.trackIdentifier !== track) continue;
      return {
        framesDecoded: stats.framesDecoded ?? 0,
        width: stats.frameWidth ?? 0,
        height: stats.frameHeight ?? 0,
        codec: report.get(stats.codecId)?.mimeType ?? '',
      };
    }
  }
  return undefined;
}

/** One stream as the connection counts it. Unlike a picture on the screen, none of it depends on how fast the machine is. */
export interface StreamContinuity {
  /** Names the connection, the m-line and the stream: all the same for as long as nothing was negotiated or replaced. */
  identity: string;
  packetsReceived: number;
  packetsLost: number;
  framesDecoded: number;
}

/** The stream in the tile with this name. */
export async function streamContinuity(name: string): Promise<StreamContinuity> {
  const figure = [...document.querySelectorAll('figure')].find((each) => each.getAttribute('aria-label') === name);
  const stream = figure?.querySelector('video')?.srcObject;
  const track = stream instanceof MediaStream ? stream.getVideoTracks()[0]?.id : undefined;
  const peer = window.probe.peers.at(-1);
  for (const stats of (await peer?.getStats())?.values() ?? []) {
    if (stats.type !== 'inbound-rtp' || stats.trackIdentifier !== track) continue;
    const { mid, ssrc, packetsReceived, packetsLost, framesDecoded } = stats;
    const identity = [window.probe.peers.length, window.probe.interruptions, mid, ssrc, track].join(' ');
    return { identity, packetsReceived, packetsLost, framesDecoded };
  }
  throw new Error(`nothing arrives for the tile of ${name}`);
}

/** Energy of every audio stream that arrives, loudest first. */
export async function receivedAudioEnergy(): Promise<number[]> {
  const energies: number[] = [];
  for (const peer of window.probe.peers) {
    for (const stats of (await peer.getStats()).values()) {
      if (stats.type === 'inbound-rtp' && stats.kind === 'audio') energies.push(stats.totalAudioEnergy ?? 0);
    }
  }
  return energies.sort((a, b) => b - a);
}

/** Where the media of the newest connection goes. */
export async function routerAddress(): Promise<string | undefined> {
  const report = await window.probe.peers.at(-1)?.getStats();
  for (const stats of report?.values() ?? []) {
    if (stats.type !== 'transport') continue;
    const pair = report?.get(stats.selectedCandidatePairId);
    return report?.get(pair?.remoteCandidateId)?.address;
  }
  return undefined;
}

/** All connections and streams in words, for the report of a failed test. */
export async function describeMedia(): Promise<string> {
  const lines: string[] = [];
  for (const peer of window.probe.peers) {
    lines.push(`connection ${peer.connectionState}, ice ${peer.iceConnectionState}`);
    for (const stats of (await peer.getStats()).values()) {
      if (stats.type === 'inbound-rtp' && stats.packetsReceived > 0) {
        lines.push(
          `slot ${stats.mid} ${stats.kind}: ${stats.packetsReceived} packets, ${stats.packetsLost} lost, ` +
            `${stats.framesReceived} frames, ${stats.framesDecoded} decoded, ${stats.keyFramesDecoded} key, ` +
            `${stats.pliCount} PLI, ${stats.nackCount} NACK`,
        );
      } else if (stats.type === 'outbound-rtp' && stats.packetsSent > 0) {
        lines.push(
          `source ${stats.mid} ${stats.kind}: ${stats.packetsSent} packets, ${stats.framesEncoded} frames encoded, ` +
            `${stats.keyFramesEncoded} key, ${stats.pliCount} PLI, ${stats.nackCount} NACK`,
        );
      }
    }
  }
  for (const figure of document.querySelectorAll('figure')) {
    const stream = figure.querySelector('video')?.srcObject;
    lines.push(
      `tile ${figure.getAttribute('aria-label')}: ${stream instanceof MediaStream ? 'has a track' : 'no track'}`,
    );
  }
  return lines.join('\n');
}
