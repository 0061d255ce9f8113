/** Where each tile goes. Pure geometry: sizes in CSS pixels, the origin at the top left of the stage. */

export interface Rectangle {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Area {
  width: number;
  height: number;
}

const GAP = 10;
const WIDEST = 16 / 9;
/** Tiles may grow taller where there is room: to 4:3, and on upright screens to a square. */
const NARROWEST = 4 / 3;
const NARROWEST_UPRIGHT = 1;
/** Below this a face is not recognised any more: then the stage scrolls instead. */
const SMALLEST_WIDTH = 150;
const STRIP_WIDTH = 196;
const STRIP_HEIGHT = Math.round(STRIP_WIDTH / WIDEST);

/** Equal tiles, as large as they get, the last row centred. */
export function galleryLayout(count: number, area: Area): Rectangle[] {
  if (count === 0 || area.width <= 0 || area.height <= 0) return [];
  let best = fit(count, 1, area);
  for (let columns = 2; columns <= count; columns++) {
    const candidate = fit(count, columns, area);
    if (candidate.width < SMALLEST_WIDTH) break;
    if (candidate.width * candidate.height > best.width * best.height) best = candidate;
  }
  if (best.width < SMALLEST_WIDTH) best = scrolling(area);
  return rows(count, best, area);
}

/** The first tile large, the others in rows below it; rows past the first are reached by scrolling. */
export function speakerLayout(count: number, area: Area): Rectangle[] {
  if (count === 0 || area.width <= 0 || area.height <= 0) return [];
  const others = count - 1;
  const scale = Math.min(1, (area.height * 0.24) / STRIP_HEIGHT, area.width / (2.2 * STRIP_WIDTH));
  const thumbnail = { width: Math.round(STRIP_WIDTH * scale), height: Math.round(STRIP_HEIGHT * scale) };
  const columns = Math.max(1, Math.min(others, Math.floor((area.width + GAP) / (thumbnail.width + GAP))));
  const mainHeight = largeTileHeight(area, thumbnail.height + GAP, Math.ceil(others / columns));
  const main: Rectangle = { left: 0, top: 0, width: area.width, height: mainHeight };
  const strip = rows(others, { ...thumbnail, columns }, { width: area.width, height: thumbnail.height });
  return [main, ...strip.map((each) => ({ ...each, top: each.top + mainHeight + GAP }))];
}

/** All but one row of the others; where that would be upright, more rows of them, down to the shape of a wide tile. */
function largeTileHeight(area: Area, rowHeight: number, rowCount: number): number {
  const rowsAtMost = Math.max(1, Math.floor((area.height - area.width / NARROWEST) / rowHeight));
  return Math.max(0, area.height - Math.min(rowCount, rowsAtMost) * rowHeight);
}

interface Grid {
  width: number;
  height: number;
  columns: number;
}

function fit(count: number, columns: number, area: Area): Grid {
  const rowCount = Math.ceil(count / columns);
  const cellWidth = (area.width - GAP * (columns - 1)) / columns;
  const cellHeight = (area.height - GAP * (rowCount - 1)) / rowCount;
  const width = Math.max(0, Math.min(cellWidth, cellHeight * WIDEST));
  const narrowest = area.height > area.width ? NARROWEST_UPRIGHT : NARROWEST;
  return { columns, width, height: Math.max(0, Math.min(cellHeight, width / narrowest)) };
}

function scrolling(area: Area): Grid {
  const columns = Math.max(1, Math.floor((area.width + GAP) / (SMALLEST_WIDTH + GAP)));
  const width = (area.width - GAP * (columns - 1)) / columns;
  return { columns, width, height: width / WIDEST };
}

function rows(count: number, grid: Grid, area: Area): Rectangle[] {
  const rowCount = Math.ceil(count / grid.columns);
  const heightOfAll = rowCount * grid.height + (rowCount - 1) * GAP;
  const top = Math.max(0, (area.height - heightOfAll) / 2);
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / grid.columns);
    const inRow = row === rowCount - 1 ? count - row * grid.columns : grid.columns;
    const widthOfRow = inRow * grid.width + (inRow - 1) * GAP;
    return {
      left: (area.width - widthOfRow) / 2 + (index % grid.columns) * (grid.width + GAP),
      top: top + row * (grid.height + GAP),
      width: grid.width,
      height: grid.height,
    };
  });
}
