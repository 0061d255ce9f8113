/** Runs in the page: when a tile showed a new picture, whichever connection it came by. */

declare global {
  interface Window {
    /** By the tile's name: when a new picture was seen, and how long the page had not run before it, milliseconds. */
    shown: Record<string, { atMs: number; stallMs: number }[]>;
  }
}

/** Begins to watch; looks once for each frame of the display. */
export function watchTile(name: string): void {
  const pictures: { atMs: number; stallMs: number }[] = [];
  window.shown = { ...window.shown, [name]: pictures };
  let seen = '';
  let lastMs = performance.now();
  let stallMs = 0;
  const look = () => {
    const nowMs = performance.now();
    stallMs = Math.max(stallMs, nowMs - lastMs - 50);
    lastMs = nowMs;
    const figure = [...document.querySelectorAll('figure')].find((each) => each.getAttribute('aria-label') === name);
    const video = [...(figure?.querySelectorAll('video') ?? [])].find((each) => !each.hidden);
    const track = video?.srcObject instanceof MediaStream ? video.srcObject.getVideoTracks()[0]?.id : undefined;
    const picture = `${track} ${video?.getVideoPlaybackQuality().totalVideoFrames}`;
    if (track !== undefined && picture !== seen) {
      pictures.push({ atMs: nowMs, stallMs: Math.max(0, stallMs) });
      stallMs = 0;
    }
    seen = picture;
    requestAnimationFrame(look);
  };
  look();
}

/** The longest time for which a tile showed nothing new so far, less what the page itself did not run for. */
export function longestStandstillMs(name: string): number {
  const pictures = window.shown[name] ?? [];
  let longestMs = performance.now() - (pictures.at(-1)?.atMs ?? 0);
  pictures.forEach(({ atMs, stallMs }, index) => {
    const before = pictures[index - 1];
    if (before !== undefined) longestMs = Math.max(longestMs, atMs - before.atMs - stallMs);
  });
  return longestMs;
}
