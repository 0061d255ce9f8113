import type { Meeting } from '../sdk/meeting.ts';
import { element } from './element.ts';
import { qualityNumbers } from './quality-level.ts';
import { encodingRows, type StatisticsRow, statisticsRow } from './statistics-rows.ts';

const INTERVAL_MS = 1000;
/** In the order of the table's head. */
const COLUMNS = [
  'tile',
  'bitrate',
  'loss',
  'roundTrip',
  'resolution',
  'framesPerSecond',
  'codec',
  'freezes',
  'connection',
  'remarks',
] as const satisfies readonly Exclude<keyof StatisticsRow, 'isPart'>[];

/** The table behind the button "Statistics"; read once a second while it is open. */
export class StatisticsPanel {
  readonly #meeting: Meeting;
  readonly #panel = element('statistics-panel', HTMLElement);
  readonly #rows = element('statistics-rows', HTMLTableSectionElement);
  readonly #toggle = element('statistics-toggle', HTMLButtonElement);
  #timer: number | undefined;

  constructor(meeting: Meeting) {
    this.#meeting = meeting;
  }

  toggle(): void {
    if (this.#timer === undefined) this.#open();
    else this.close();
  }

  close(): void {
    window.clearInterval(this.#timer);
    this.#timer = undefined;
    this.#panel.hidden = true;
    this.#toggle.setAttribute('aria-expanded', 'false');
  }

  #open(): void {
    this.#panel.hidden = false;
    this.#toggle.setAttribute('aria-expanded', 'true');
    this.#timer = window.setInterval(() => void this.#refresh(), INTERVAL_MS);
    void this.#refresh();
  }

  async #refresh(): Promise<void> {
    const streams = await this.#meeting.statistics();
    if (this.#timer === undefined) return;
    const rowsOf = (tile: string, participant: string, screen: boolean) => {
      const own = streams.filter((each) => each.participant === participant && (each.source === 'screen') === screen);
      const connection = screen ? '' : qualityNumbers(this.#meeting.qualityOf(participant));
      return [statisticsRow(tile, own, connection), ...encodingRows(own)];
    };
    const { self, name, others } = this.#meeting;
    const people = [
      { participant: self, name: `${name} (you)`, screen: this.#meeting.isLive('screen') },
      ...others.map((entry) => ({ ...entry, screen: entry.live.includes('screen') })),
    ];
    this.#show(
      people.flatMap((each) => [
        ...rowsOf(each.name, each.participant, false),
        ...(each.screen ? rowsOf(`${each.name}’s screen`, each.participant, true) : []),
      ]),
    );
  }

  #show(rows: readonly StatisticsRow[]): void {
    while (this.#rows.rows.length > rows.length) this.#rows.deleteRow(-1);
    rows.forEach((row, index) => {
      const tableRow = this.#rows.rows[index] ?? this.#addRow();
      tableRow.toggleAttribute('data-part', row.isPart);
      COLUMNS.forEach((name, column) => {
        const text = row[name];
        const cell = tableRow.cells[column];
        if (cell !== undefined && cell.textContent !== text) cell.textContent = text;
      });
    });
  }

  #addRow(): HTMLTableRowElement {
    const row = this.#rows.insertRow();
    const head = document.createElement('th');
    head.scope = 'row';
    row.append(head);
    for (let column = 1; column < COLUMNS.length; column++) row.insertCell();
    return row;
  }
}
