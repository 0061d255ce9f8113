/** Sent on to another zone: when one joins, and when one comes back. */
import { afterEach, expect, test, vi } from 'vitest';
import { FakePeer } from './testing/fake-peer.ts';
import { FakeSocket } from './testing/fake-socket.ts';
import { joined, MeetingLab, resumed } from './testing/meeting-lab.ts';

let lab: MeetingLab;
afterEach(() => lab.leave());

const TO_B = {
  type: 'redirect',
  zone: 'b',
  urls: ['https://b1.example', 'https://b2.example'],
  reason: 'nearer',
  tried: ['a'],
} as const;

/** The address of the newest socket. */
const at = () => new URL(FakeSocket.last.url).host;
const answerRedirect = () => lab.answer({ ...TO_B, urls: [...TO_B.urls], tried: [...TO_B.tried] });

/** The newest socket is refused; the next address is tried at once. */
async function refuse(): Promise<void> {
  FakeSocket.last.lose();
  await vi.advanceTimersByTimeAsync(0);
}

async function lose(): Promise<void> {
  FakeSocket.last.lose();
  await vi.advanceTimersByTimeAsync(1_000);
}

test('who joins goes to the zone that he is sent to, and says who has sent him', async () => {
  lab = await MeetingLab.knock();
  await answerRedirect();
  await lab.open();
  expect(at()).toBe('b1.example');
  expect(FakeSocket.last.sent).toMatchObject([{ type: 'join', offer: 'offer 1', passcode: 'secret', tried: ['a'] }]);
  await lab.answer(joined('ada'));
  await lab.meeting.entered;
  expect([lab.meeting.self, lab.errors]).toEqual(['ada', []]);
});

test('when it cannot be reached he comes back, and says that', async () => {
  lab = await MeetingLab.knock();
  await answerRedirect();
  await vi.advanceTimersByTimeAsync(0);
  expect(at()).toBe('b1.example');
  await refuse();
  expect(at()).toBe('b2.example');
  await refuse();
  await lab.open();
  expect(at()).toBe('zone.example');
  expect(FakeSocket.last.sent).toMatchObject([{ type: 'join', tried: ['a', 'b'] }]);
  await lab.answer(joined('ada'));
  await lab.meeting.entered;
});

test('a zone far away that is slow to answer is waited for, and he does not come back instead', async () => {
  lab = await MeetingLab.knock();
  lab.meeting.entered.catch(() => undefined);
  await answerRedirect();
  await vi.advanceTimersByTimeAsync(1_200);
  const [, far, , before] = FakeSocket.all;
  expect([far?.url, before?.url].map((url) => url && new URL(url).host)).toEqual(['b1.example', 'zone.example']);
  before?.welcome();
  await vi.advanceTimersByTimeAsync(300);
  far?.welcome();
  await vi.advanceTimersByTimeAsync(0);
  expect([far?.sent.map(({ type }) => type), before?.sent, before?.readyState]).toEqual([['join'], [], 3]);
});

test('when nobody can be reached any more, that is said', async () => {
  lab = await MeetingLab.knock();
  const entered = lab.meeting.entered.catch((error: unknown) => error);
  await answerRedirect();
  await vi.advanceTimersByTimeAsync(0);
  for (let i = 0; i < 3; i++) await refuse();
  await vi.advanceTimersByTimeAsync(200);
  for (let i = 0; i < 3; i++) await refuse();
  expect(await entered).toMatchObject({ code: 'unreachable' });
});

test('servers that send him about for ever do not get him to', async () => {
  lab = await MeetingLab.knock();
  const entered = lab.meeting.entered.catch((error: unknown) => error);
  for (const zone of ['b', 'c', 'd', 'e']) {
    await lab.answer({ type: 'redirect', zone, urls: [`https://${zone}.example`], reason: 'nearer', tried: [] });
    if (zone !== 'e') await lab.open();
  }
  expect(await entered).toMatchObject({ code: 'noRouter' });
  expect(FakeSocket.all).toHaveLength(4);
});

test('who resumes at another zone is sent home, and media is left alone', async () => {
  lab = await MeetingLab.enter();
  await lose();
  await lab.open();
  expect(FakeSocket.last.sent).toMatchObject([{ type: 'resume', session: 'session of ada' }]);
  await answerRedirect();
  await lab.open();
  expect(at()).toBe('b1.example');
  expect(FakeSocket.last.sent).toMatchObject([{ type: 'resume', session: 'session of ada', tried: ['a'] }]);
  await lab.answer(resumed('ada'));
  expect(lab.meeting.connection).toEqual({ signalling: 'open', media: 'connected' });
  expect([FakePeer.all.length, lab.errors]).toEqual([1, []]);
  // The way is forgotten: the next loss begins anew.
  await lose();
  await lab.open();
  expect('tried' in (FakeSocket.last.sent[0] ?? {})).toBe(false);
});

test('while it is not clear who goes on with him he asks again, and nobody is told of an error', async () => {
  lab = await MeetingLab.enter();
  await lose();
  await lab.open();
  await lab.answer({ type: 'error', code: 'tryAgain', message: '', retryAfterMs: 500 });
  await vi.advanceTimersByTimeAsync(500);
  await lab.open();
  expect(FakeSocket.last.sent).toMatchObject([{ type: 'resume' }]);
  expect(lab.errors).toEqual([]);
});
