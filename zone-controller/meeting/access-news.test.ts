import { beforeEach, describe, expect, test } from 'vitest';
import { keyFromSeed, publicBytes, publicKeyOf } from '../../common/ed25519.ts';
import type { ParticipantId, ZoneId } from '../../common/ids.ts';
import { verifyTicket } from '../../common/tunnel-ticket.ts';
import type { AccessEntry, ServerMessage } from '../../proto/signalling.ts';
import type { TunnelRecord } from '../registry/records.ts';
import { CREDENTIAL_MS } from '../tunnels/turn-secrets.ts';
import { Access } from './access.ts';
import { AccessNews } from './access-news.ts';
import type { LiveMeeting } from './live-meeting.ts';
import type { Session } from './session.ts';

const HOUR_MS = 3_600_000;
const START_MS = 486_111 * HOUR_MS;
const seed = new Uint8Array(32).fill(1);
const signing = keyFromSeed(seed);

let nowMs: number;
let version: number;
let tunnels: string[];
let sessions: Session[];
let told: { to: string; access: AccessEntry }[];
let access: Access;
let news: AccessNews;

beforeEach(() => {
  [nowMs, version, tunnels, sessions, told] = [0, 1, ['t1'], [], []];
  access = new Access({
    zone: 'z' as ZoneId,
    tunnels: {
      draw: () => new Map(tunnels.map((name) => [name, recordOf(name)])),
      get version() {
        return version;
      },
    },
    keys: () => ({ seed, signing }),
    unixMs: () => START_MS + nowMs,
    now: () => nowMs,
  });
  // The cast: of a meeting, its sessions.
  const meeting = () => ({ sessions: new Map(sessions.map((each) => [each.participant, each])) }) as LiveMeeting;
  news = new AccessNews({
    access,
    meetings: {
      get all() {
        return [meeting()];
      },
    },
  });
});

function recordOf(name: string): TunnelRecord {
  const [urls, turnUrls] = [[`https://${name}.example`], [`turn:${name}.example`]];
  return { urls, turnUrls, load: 0, draining: false, release: '1', controller: 'zc-1' };
}

function enter(participant: string): Session {
  const send = (message: ServerMessage) => {
    if (message.type === 'access') told.push({ to: participant, access: message.access });
  };
  // The cast: of a session, what is asked here.
  const session = { participant: participant as ParticipantId, access: undefined, send } as unknown as Session;
  sessions.push(session);
  return session;
}

const toldTo = () => told.splice(0).map(({ to }) => to);

describe('how to get in by tunnels', () => {
  test('is told by and by, so that at any moment of a long stay what was told holds for a good while', async () => {
    const ada = enter('ada');
    let last = access.tell(ada).access;
    let shortestMs = Number.POSITIVE_INFINITY;
    const leftMs = (entry: AccessEntry | undefined) =>
      1000 * Number.parseInt(entry?.turn[0]?.username ?? '', 10) - START_MS - nowMs;
    for (nowMs = 0; nowMs < 5 * HOUR_MS; nowMs += 10_000) {
      news.tell();
      last = told.splice(0)[0]?.access ?? last;
      shortestMs = Math.min(shortestMs, leftMs(last));
      const atMs = START_MS + nowMs + CREDENTIAL_MS / 2;
      const keys = [publicKeyOf(publicBytes(signing))];
      expect(await verifyTicket(last?.ticket ?? '', keys, 'z', atMs)).toEqual({ holder: 'ada' });
    }
    expect(shortestMs).toBeGreaterThanOrEqual((CREDENTIAL_MS * 2) / 3 - 10_000);
  });

  test('is told at once when other tunnels take people, or the first ones', () => {
    const [ada] = [enter('ada'), enter('bob')];
    access.tell(ada);
    news.tell();
    expect(toldTo()).toEqual(['bob']);
    news.tell();
    expect(toldTo()).toEqual([]);
    [version, tunnels] = [2, ['t2']];
    news.tell();
    expect(told.map(({ access: { tunnels: urls } }) => urls)).toEqual([['https://t2.example'], ['https://t2.example']]);
  });

  test('holds as told when there are none any more', () => {
    access.tell(enter('ada'));
    [version, tunnels] = [2, []];
    news.tell();
    expect(toldTo()).toEqual([]);
    [version, tunnels] = [3, ['t1']];
    news.tell();
    expect(toldTo()).toEqual(['ada']);
  });

  test('is told to some at a time, and to everybody in the end', () => {
    for (let i = 0; i < 120; i++) enter(`p${i}`);
    const rounds = [1, 2, 3, 4].map(() => {
      news.tell();
      return toldTo().length;
    });
    expect(rounds).toEqual([50, 50, 20, 0]);
  });
});
