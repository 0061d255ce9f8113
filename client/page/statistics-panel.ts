import type { Meeting } from '../sdk/meeting.ts';
import { element } from './element.ts';
import { type StatisticsRow, statisticsRow } from './statistics-rows.ts';

const INTERVAL_MS = 1000;

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
    const rowOf = (tile: string, participant: string, screen: boolean) =>
      statisticsRow(
        tile,
        streams.filter((each) => each.participant === participant && (each.source === 'screen') === screen),
      );
    const { self, name, others } = this.#meeting;
    const people = [
      { participant: self, name: `${name} (you)`, screen: this.#meeting.isLive('screen') },
      ...others.map((entry) => ({ ...entry, screen: entry.live.includes('screen') })),
    ];
    this.#show(
      people.flatMap((each) => [
        rowOf(each.name, each.participant, false),
        ...(each.screen ? [rowOf(`${each.name}’s screen`, each.participant, true)] : []),
      ]),
    );
  }

  #show(rows: readonly StatisticsRow[]): void {
    while (this.#rows.rows.length > rows.length) this.#rows.deleteRow(-1);
    rows.forEach((row, index) => {
      const tableRow = this.#rows.rows[index] ?? this.#addRow();
      const texts = [row.tile, row.bitrate, row.loss, row.roundTrip, row.resolution, row.framesPerSecond, row.codec];
      texts.forEach((text, column) => {
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
    for (let column = 1; column < 7; column++) row.insertCell();
    return row;
  }
}
