import type { RosterEntry } from '../../proto/signalling.ts';
import type { Meeting } from '../sdk/meeting.ts';
import type { SourceStatistics } from '../sdk/meeting-events.ts';
import { element } from './element.ts';
import { QualityBars } from './quality-bars.ts';
import { qualityLevel, qualityNumbers } from './quality-level.ts';
import { encodingRows, NOTHING, type StatisticsRow, statisticsRow } from './statistics-rows.ts';
import { wayWords } from './way-words.ts';

const INTERVAL_MS = 1000;
/** In the order of the table's head; the one after the last is the connection. */
const COLUMNS = [
  'tile',
  'reason',
  'wanted',
  'bitrate',
  'loss',
  'roundTrip',
  'resolution',
  'framesPerSecond',
  'codec',
  'freezes',
] as const satisfies readonly Exclude<keyof StatisticsRow, 'isPart'>[];

/** A row of words, and in the last column whose connection is how good; '' for what has none of its own. */
type ShownRow = StatisticsRow & { participant: string };
type Person = Pick<RosterEntry, 'participant' | 'name' | 'live'>;

/** The way of media, and the table behind "Statistics" in the menu "More"; read once a second while it is open. */
export class StatisticsPanel {
  readonly #meeting: Meeting;
  readonly #panel = element('statistics-panel', HTMLElement);
  readonly #way = element('statistics-way', HTMLParagraphElement);
  readonly #rows = element('statistics-rows', HTMLTableSectionElement);
  readonly #head = element('statistics-head', HTMLTableRowElement);
  /** One for each row that the table ever had. */
  readonly #bars: QualityBars[] = [];
  #timer: number | undefined;

  constructor(meeting: Meeting) {
    this.#meeting = meeting;
  }

  get isOpen(): boolean {
    return this.#timer !== undefined;
  }

  toggle(): void {
    if (!this.isOpen) this.#open();
    else this.close();
  }

  close(): void {
    window.clearInterval(this.#timer);
    this.#timer = undefined;
    this.#panel.hidden = true;
    this.#rows.replaceChildren();
  }

  #open(): void {
    this.#panel.hidden = false;
    this.#timer = window.setInterval(() => void this.#refresh(), INTERVAL_MS);
    void this.#refresh();
  }

  async #refresh(): Promise<void> {
    const streams = await this.#meeting.statistics();
    if (!this.isOpen) return;
    const { self, name, others } = this.#meeting;
    const live = (['microphone', 'camera', 'screen'] as const).filter((source) => this.#meeting.isLive(source));
    const people = [{ participant: self, name, live }, ...others];
    this.#show(people.flatMap((person) => this.#rowsOf(person, streams)));
    this.#showWay(wayWords(this.#meeting.wayIn));
  }

  /** Of the person, and of the screen that he shares. What is not live has counters too, which stand still. */
  #rowsOf({ participant, name, live }: Person, streams: readonly SourceStatistics[]): ShownRow[] {
    const meeting = this.#meeting;
    const own = streams.filter((each) => each.participant === participant && live.includes(each.source));
    const path = {
      sender: name,
      senderUplink: meeting.qualityOf(participant)?.uplink,
      ownDownlink: meeting.qualityOf(meeting.self)?.downlink,
    };
    const [screen, person] = [own.filter(isScreen), own.filter((each) => !isScreen(each))];
    const caption = participant === meeting.self ? `${name} (you)` : name;
    const parts = [...encodingRows(person, path)];
    if (live.includes('screen')) {
      parts.push(statisticsRow(`${name}’s screen`, screen, path), ...encodingRows(screen, path));
    }
    return [
      { ...statisticsRow(caption, person, path), participant },
      ...parts.map((part) => ({ ...part, participant: '' })),
    ];
  }

  #show(rows: readonly ShownRow[]): void {
    while (this.#rows.rows.length > rows.length) this.#rows.deleteRow(-1);
    rows.forEach((row, index) => {
      const tableRow = this.#rows.rows[index] ?? this.#addRow(index);
      tableRow.toggleAttribute('data-part', row.isPart);
      COLUMNS.forEach((name, column) => {
        const cell = tableRow.cells[column];
        if (cell === undefined) return;
        if (cell.textContent !== row[name]) cell.textContent = row[name];
        cell.toggleAttribute('data-empty', row[name] === NOTHING);
      });
      this.#showConnection(tableRow, index, row.participant);
    });
  }

  #showWay(words: string): void {
    this.#way.hidden = words === '';
    if (this.#way.textContent !== words) this.#way.textContent = words;
  }

  #showConnection(row: HTMLTableRowElement, index: number, participant: string): void {
    const quality = this.#meeting.qualityOf(participant);
    this.#bars[index]?.show(qualityLevel(quality));
    const cell = row.cells[COLUMNS.length];
    const numbers = cell?.querySelector('span');
    const words = qualityNumbers(quality) || NOTHING;
    if (numbers && numbers.textContent !== words) numbers.textContent = words;
    cell?.toggleAttribute('data-empty', words === NOTHING);
  }

  #addRow(index: number): HTMLTableRowElement {
    const row = this.#rows.insertRow();
    const head = document.createElement('th');
    head.scope = 'row';
    row.append(head);
    for (let column = 1; column <= COLUMNS.length; column++) {
      // Where the table's head is not shown, each cell says what it is.
      row.insertCell().dataset.label = this.#head.cells[column]?.textContent ?? '';
    }
    this.#bars[index] = new QualityBars();
    row.cells[COLUMNS.length]?.append(this.#bars[index].element, document.createElement('span'));
    return row;
  }
}

function isScreen({ source }: SourceStatistics): boolean {
  return source === 'screen';
}
