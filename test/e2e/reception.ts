/** Runs in the page: everything that the browser counts of what it receives. */

/** Since the connection was made; sound is the sum over all streams of it. */
export interface Reception {
  /** Milliseconds since 1970. */
  atMs: number;
  /** Connections that the page has made so far: more than one, and it has started afresh. */
  connections: number;
  height: number;
  framesDecoded: number;
  keyFrames: number;
  framesDropped: number;
  packets: number;
  packetsLost: number;
  /** Came on the RTX stream: repairs, and packets sent twice to try the path. */
  resent: number;
  nacks: number;
  keyFramesAskedFor: number;
  freezes: number;
  frozenS: number;
  audioPackets: number;
  audioSamples: number;
  /** Samples that were made up because packets were missing; silence of nobody's making is not counted. */
  concealedSamples: number;
}

/** @param name Of the tile whose video is meant. */
export async function reception(name: string): Promise<Reception> {
  const figure = [...document.querySelectorAll('figure')].find((each) => each.getAttribute('aria-label') === name);
  const stream = figure?.querySelector('video')?.srcObject;
  const track = stream instanceof MediaStream ? stream.getVideoTracks()[0]?.id : undefined;
  const report = await window.probe.peers.at(-1)?.getStats();
  const all = [...(report?.values() ?? [])].filter(({ type }) => type === 'inbound-rtp');
  const video = all.find(({ trackIdentifier }) => trackIdentifier === track) ?? {};
  const audio = all.filter(({ kind }) => kind === 'audio');
  const sum = (count: (stats: (typeof audio)[0]) => number | undefined) =>
    audio.reduce((total, stats) => total + (count(stats) ?? 0), 0);
  return {
    atMs: performance.timeOrigin + performance.now(),
    connections: window.probe.peers.length,
    height: video.frameHeight ?? 0,
    framesDecoded: video.framesDecoded ?? 0,
    keyFrames: video.keyFramesDecoded ?? 0,
    framesDropped: video.framesDropped ?? 0,
    packets: video.packetsReceived ?? 0,
    packetsLost: video.packetsLost ?? 0,
    resent: video.retransmittedPacketsReceived ?? 0,
    nacks: video.nackCount ?? 0,
    keyFramesAskedFor: (video.pliCount ?? 0) + (video.firCount ?? 0),
    freezes: video.freezeCount ?? 0,
    frozenS: video.totalFreezesDuration ?? 0,
    audioPackets: sum((stats) => stats.packetsReceived),
    audioSamples: sum((stats) => stats.totalSamplesReceived),
    concealedSamples: sum((stats) => stats.concealedSamples - stats.silentConcealedSamples),
  };
}
