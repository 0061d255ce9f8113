/** Tables for terminals: aligned columns, plain text. Pure. */

export interface Column<Row> {
  readonly title: string;
  readonly align?: 'right';
  readonly of: (row: Row) => string;
}

/** A line for the titles, one for each row; no column is wider than it has to be. */
export function textTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ of }) => printable(of(row))))];
  const widths = columns.map((_, at) => Math.max(...cells.map((line) => widthOf(line[at] ?? ''))));
  const lines = cells.map((line) =>
    line
      .map((cell, at) => pad(cell, widths[at] ?? 0, columns[at]?.align))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

/** Pairs, one a line. A text of several lines goes on below its beginning. */
export function textFields(fields: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...fields.map(([name]) => widthOf(name)));
  const lines = fields.map(([name, value]) => {
    const [first = '', ...rest] = value.split('\n').map(printable);
    return [`${pad(name, width, undefined)}  ${first}`, ...rest.map((line) => `${' '.repeat(width + 2)}${line}`)];
  });
  return `${lines.flat().join('\n')}\n`;
}

/** Names are what people call themselves: nothing in them may move a cursor, colour a line or turn its direction. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD');
}

function pad(text: string, width: number, align: 'right' | undefined): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'right' ? space + text : text + space;
}

/** In columns of a terminal: combining marks take none, East Asian letters and pictures two (UAX #11, roughly). */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{Mn}/u.test(character)) continue;
    width +=
      /[\p{Emoji_Presentation}\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return width;
}
