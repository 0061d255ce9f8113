/**
 * Where people are, when they meet, and with whom: assumptions, in round numbers, of a service that is used everywhere. Shares are of the joins
 * of a day; none of them is any provider's own figure.
 */
import type { GeoPoint } from '../../../../global-controller/geo/geo-point.ts';
import type { Chance } from '../../network/chance.ts';

export interface Metro {
  readonly name: string;
  readonly continent: 'america' | 'europe' | 'asia' | 'pacific';
  readonly at: GeoPoint;
  /** Hours ahead of UTC. */
  readonly utc: number;
  readonly share: number;
}

type Row = readonly [name: string, latitude: number, longitude: number, utc: number, share: number];

const metros = (continent: Metro['continent'], rows: readonly Row[]): Metro[] =>
  rows.map(([name, latitude, longitude, utc, share]) => ({ name, continent, at: { latitude, longitude }, utc, share }));

export const METROS: readonly Metro[] = [
  ...metros('america', [
    ['new-york', 40.7, -74.0, -5, 8],
    ['washington', 38.9, -77.0, -5, 4],
    ['boston', 42.4, -71.1, -5, 3],
    ['atlanta', 33.7, -84.4, -5, 3],
    ['miami', 25.8, -80.2, -5, 2],
    ['chicago', 41.9, -87.6, -6, 5],
    ['dallas', 32.8, -96.8, -6, 4],
    ['denver', 39.7, -105.0, -7, 2],
    ['los-angeles', 34.1, -118.2, -8, 6],
    ['san-francisco', 37.8, -122.4, -8, 5],
    ['seattle', 47.6, -122.3, -8, 2],
    ['toronto', 43.7, -79.4, -5, 2],
    ['vancouver', 49.3, -123.1, -8, 1],
    ['mexico-city', 19.4, -99.1, -6, 3],
    ['bogota', 4.7, -74.1, -5, 1.5],
    ['sao-paulo', -23.5, -46.6, -3, 4],
    ['buenos-aires', -34.6, -58.4, -3, 1.5],
  ]),
  ...metros('europe', [
    ['london', 51.5, -0.1, 0, 5],
    ['paris', 48.9, 2.4, 1, 3],
    ['amsterdam', 52.4, 4.9, 1, 1.5],
    ['berlin', 52.5, 13.4, 1, 2],
    ['munich', 48.1, 11.6, 1, 1.5],
    ['milan', 45.5, 9.2, 1, 1.5],
    ['madrid', 40.4, -3.7, 1, 1.5],
    ['stockholm', 59.3, 18.1, 1, 1],
    ['warsaw', 52.2, 21.0, 1, 1],
    ['istanbul', 41.0, 29.0, 3, 1.5],
    ['riyadh', 24.7, 46.7, 3, 1.5],
    ['dubai', 25.2, 55.3, 4, 1],
    ['lagos', 6.5, 3.4, 1, 1],
    ['johannesburg', -26.2, 28.0, 2, 1],
  ]),
  ...metros('asia', [
    ['mumbai', 19.1, 72.9, 5.5, 4],
    ['delhi', 28.6, 77.2, 5.5, 4],
    ['bengaluru', 13.0, 77.6, 5.5, 3],
    ['hyderabad', 17.4, 78.5, 5.5, 2],
    ['singapore', 1.3, 103.8, 8, 2],
    ['jakarta', -6.2, 106.8, 7, 2],
    ['manila', 14.6, 121.0, 8, 2],
    ['hong-kong', 22.3, 114.2, 8, 1.5],
    ['tokyo', 35.7, 139.7, 9, 4],
    ['osaka', 34.7, 135.5, 9, 1.5],
    ['seoul', 37.6, 127.0, 9, 2],
  ]),
  ...metros('pacific', [
    ['sydney', -33.9, 151.2, 10, 2],
    ['melbourne', -37.8, 145.0, 10, 1.5],
    ['auckland', -36.8, 174.8, 12, 0.5],
  ]),
];

/** How much is begun in each hour of a local working day, against the mean: mornings and afternoons, few at night. */
const DAY: readonly number[] = [
  0.05, 0.04, 0.04, 0.04, 0.06, 0.1, 0.3, 0.9, 1.9, 2.5, 2.5, 2.2, 1.5, 1.9, 2.3, 2.2, 1.8, 1.3, 0.9, 0.7, 0.5, 0.3,
  0.15, 0.08,
];
const MEAN = DAY.reduce((sum, each) => sum + each, 0) / DAY.length;

/** Against the mean of the day, at a time of the world, hours. */
export function intensityAt({ utc }: Metro, hour: number): number {
  const local = (((hour + utc) % 24) + 24) % 24;
  const [from, to] = [DAY[Math.floor(local)] ?? 0, DAY[Math.ceil(local) % 24] ?? 0];
  return (from + (to - from) * (local % 1)) / MEAN;
}

/** Of meetings: with whom people of a metro meet. */
const SAME_METRO = 0.55;
const SAME_CONTINENT = 0.37;
/** Of a meeting of several metros, each person but the first is at home in another one with this share. */
const ELSEWHERE = 0.5;

export function drawMetro(chance: Chance, of: readonly Metro[] = METROS): Metro {
  let left = chance.uniform() * of.reduce((sum, { share }) => sum + share, 0);
  for (const metro of of) {
    left -= metro.share;
    if (left < 0) return metro;
  }
  return of[0] as Metro; // there is one
}

/** The metros of a meeting's people; the first is where it was made. */
export function drawPeople(chance: Chance, first: Metro, size: number): Metro[] {
  const kind = chance.uniform();
  const others =
    kind < SAME_METRO
      ? [first]
      : METROS.filter(({ continent }) => kind >= SAME_METRO + SAME_CONTINENT || continent === first.continent);
  // People of one meeting are in few places.
  const places = [first, drawMetro(chance, others), drawMetro(chance, others), drawMetro(chance, others)];
  return Array.from({ length: size }, (_, index) =>
    index === 0 || !chance.happens(ELSEWHERE) ? first : (places[1 + Math.floor(chance.uniform() * 3)] ?? first),
  );
}

/** Minutes; as long as most, with some that go on for hours (log-normal). */
export function drawMinutes(chance: Chance): number {
  return Math.min(300, 30 * Math.exp(0.7 * chance.normal()));
}
