/**
 * Runs in the page before its own scripts: a camera whose picture never rests, so that each of its sizes takes the bitrate
 * that it may. Chromium's test clock takes a third of it, and would fit through links that are to be too narrow.
 */
export function installBusyCamera(): void {
  const width = 640;
  const height = 360;
  const framesPerSecond = 15;
  /**
   * New in each frame, on a wall that is plain: so a key frame costs no more than any other, as with a face that moves. With
   * more of them, encoders skip frames to keep to their bitrate.
   */
  const patches = 24;
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const pen = canvas.getContext('2d');
  if (pen === null) throw new Error('there is nothing to paint with');

  function paint(): void {
    if (pen === null) return;
    pen.fillStyle = '#567';
    pen.fillRect(0, 0, width, height);
    for (let patch = 0; patch < patches; patch++) {
      pen.fillStyle = `hsl(${Math.random() * 360} 60% ${20 + Math.random() * 60}%)`;
      pen.fillRect(Math.random() * width, Math.random() * height, 16, 16);
    }
  }

  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wishes) => {
    const stream = wishes?.audio ? await open({ audio: wishes.audio }) : new MediaStream();
    if (!wishes?.video) return stream;
    paint();
    setInterval(paint, 1_000 / framesPerSecond);
    for (const track of canvas.captureStream(framesPerSecond).getVideoTracks()) stream.addTrack(track);
    return stream;
  };
}
