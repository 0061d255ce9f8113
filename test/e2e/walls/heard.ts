/** Run in the page: whether sound is played that is no silence, whichever connection it comes by. Needs the browser flag AUTOPLAY. */

declare global {
  interface Window {
    players: HTMLAudioElement[];
  }
}

/** Before the page's own scripts: keeps hold of what plays sound, which is in no document. */
export function keepPlayers(): void {
  window.players = [];
  window.Audio = new Proxy(Audio, {
    construct(target, [source]: [string?]) {
      const player = new target(source);
      window.players.push(player);
      return player;
    },
  });
}

/** Resolves with how many of the streams of sound were loud at some moment of `ms` milliseconds. */
export async function countHeard(ms: number): Promise<number> {
  const context = new AudioContext();
  const streams = window.players.flatMap(({ srcObject }) => srcObject ?? []);
  const tracks = streams.flatMap((stream) => (stream instanceof MediaStream ? stream.getAudioTracks() : []));
  const ears = tracks.map((track) => {
    const ear = new AnalyserNode(context, { fftSize: 2048 });
    new MediaStreamAudioSourceNode(context, { mediaStream: new MediaStream([track]) }).connect(ear);
    return ear;
  });
  const samples = new Float32Array(2048);
  const heard = new Set<AnalyserNode>();
  const endMs = performance.now() + ms;
  while (performance.now() < endMs && heard.size < ears.length) {
    for (const ear of ears) {
      ear.getFloatTimeDomainData(samples);
      if (samples.some((sample) => Math.abs(sample) > 0.01)) heard.add(ear);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await context.close();
  return heard.size;
}
