/**
 * Runs in the page before its own scripts: a microphone into which somebody talks without end, syllable by syllable. Chromium's
 * own one gives a beep of 20 ms now and then, which is a noise and nobody's speech. Needs the browser flag AUTOPLAY.
 */
export function installTalkingMicrophone(): void {
  const context = new AudioContext();
  const words = new AudioBuffer({ length: 2 * context.sampleRate, sampleRate: context.sampleRate });
  const samples = words.getChannelData(0);
  const pitchHz = 110 + 120 * Math.random();
  for (let i = 0; i < samples.length; i++) {
    const s = i / context.sampleRate;
    // Six syllables of 0.2 s with 0.1 s between them, and a breath.
    const part = s % 0.3;
    if (s >= 1.8 || part >= 0.2) continue;
    let voice = 0;
    for (let harmonic = 1; harmonic <= 8; harmonic++)
      voice += Math.sin(2 * Math.PI * pitchHz * harmonic * s) / harmonic;
    samples[i] = 0.2 * voice * Math.sin((Math.PI * part) / 0.2);
  }

  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wishes) => {
    const stream = wishes?.video ? await open({ video: wishes.video }) : new MediaStream();
    if (!wishes?.audio) return stream;
    const microphone = context.createMediaStreamDestination();
    const voice = new AudioBufferSourceNode(context, { buffer: words, loop: true });
    voice.connect(microphone);
    voice.start();
    for (const track of microphone.stream.getAudioTracks()) stream.addTrack(track);
    return stream;
  };
}

/** Lets sound begin before anybody has clicked. */
export const AUTOPLAY = '--autoplay-policy=no-user-gesture-required';
