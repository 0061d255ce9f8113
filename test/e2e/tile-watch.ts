/** Runs in the page: when a tile showed a new picture, whichever connection it came by. */

declare global {
  interface Window {
    /** By the tile's name: when a new picture was seen, milliseconds since 1970. */
    shown: Record<string, { atMs: number }[]>;
  }
}

/** Begins to watch; looks once for each frame of the display. */
export function watchTile(name: string): void {
  const pictures: { atMs: number }[] = [];
  window.shown = { ...window.shown, [name]: pictures };
  let seen = '';
  const look = () => {
    const figure = [...document.querySelectorAll('figure')].find((each) => each.getAttribute('aria-label') === name);
    const video = [...(figure?.querySelectorAll('video') ?? [])].find((each) => !each.hidden);
    const track = video?.srcObject instanceof MediaStream ? video.srcObject.getVideoTracks()[0]?.id : undefined;
    const picture = `${track} ${video?.getVideoPlaybackQuality().totalVideoFrames}`;
    if (track !== undefined && picture !== seen) pictures.push({ atMs: performance.timeOrigin + performance.now() });
    seen = picture;
    requestAnimationFrame(look);
  };
  look();
}
