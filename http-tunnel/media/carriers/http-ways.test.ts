/** What requests by HTTP have of their own: order of uploads, polls in time, bodies that do not come, HTTP/2. */
import { once } from 'node:events';
import { type ClientHttp2Session, connect, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { MAX_POLLS, MAX_UPLOADS, TUNNEL_NUMBER, TUNNEL_PATH } from '../../../proto/tunnel.ts';
import { TunnelLab } from '../testing/tunnel-lab.ts';
import type { Response } from './http-exchange.ts';
import { POLL_MS, PollAnswers } from './poll-answers.ts';
import { MAX_EARLY_BYTES, UploadOrder } from './upload-order.ts';

const FUZZ_SEED = Number(process.env.FUZZ_SEED ?? 20_261_122);

afterEach(() => {
  vi.useRealTimers();
});

test('uploads are applied in order and once, however they arrive', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: MAX_UPLOADS }), fc.infiniteStream(fc.nat()), (count, choices) => {
      const order = new UploadOrder();
      const applied: number[] = [];
      const left = Array.from({ length: count }, (_, i) => i + 1);
      for (const choice of choices) {
        if (left.length === 0) break;
        const [number = 0] = left.splice(choice % left.length, 1);
        for (let again = 0; again < 2; again++) {
          for (const body of order.push(number, Buffer.of(number)) ?? []) applied.push(body[0] as number);
        }
      }
      expect(applied).toEqual(Array.from({ length: count }, (_, i) => i + 1));
      expect(order.push(count + MAX_UPLOADS + 1, Buffer.of(0))).toBeUndefined();
    }),
    { seed: 20261122, numRuns: 200 },
  );
});

class FakeResponse {
  readonly headersSent = false;
  writableEnded = false;
  body: string | undefined;
  writeHead(): void {}
  end(body: Buffer): void {
    this.writableEnded = true;
    this.body = body.toString();
  }
  on(): void {}
  setHeader(): void {}
  write(): boolean {
    throw new Error('an answer is written at once');
  }
}

describe('polls', () => {
  const ask = (polls: PollAnswers, number: number) => {
    const response = new FakeResponse();
    return { response, asked: polls.ask(number, response satisfies Response) };
  };

  test('answers are repeated until what is asked for shows that they arrived; what is asked out of order is refused', () => {
    vi.useFakeTimers();
    const polls = new PollAnswers(() => {});
    const first = ask(polls, 1);
    expect(polls.isReady).toBe(true);
    polls.write(Buffer.from('a'));
    expect([first.response.body, polls.isReady]).toEqual(['a', false]);
    expect(ask(polls, 1)).toMatchObject({ asked: 'repeated', response: { body: 'a' } });
    expect(ask(polls, 4).asked).toBe('outOfOrder');
    const [third, second] = [ask(polls, 3), ask(polls, 2)];
    // The first has arrived, by what the third says; of the second nothing is known.
    expect([third.asked, second.asked, polls.arrivedBytes]).toEqual(['waits', 'waits', 1]);
    expect(ask(polls, 1).asked).toBe('outOfOrder');
    polls.write(Buffer.from('bc'));
    polls.write(Buffer.from('def'));
    expect([second.response.body, third.response.body]).toEqual(['bc', 'def']);
    expect([ask(polls, 2).response.body, ask(polls, 3).response.body]).toEqual(['bc', 'def']);
    expect([ask(polls, 5).asked, polls.arrivedBytes]).toEqual(['waits', 6]);
    expect(ask(polls, 2).asked).toBe('outOfOrder');
    polls.close();
  });

  test('while one answer is on its way, the next request is there', () => {
    vi.useFakeTimers();
    let ready = 0;
    const polls = new PollAnswers(() => ready++);
    const [, second] = [ask(polls, 1), ask(polls, 2)];
    polls.write(Buffer.from('a'));
    // What comes in the next moment goes together.
    expect(polls.isReady).toBe(false);
    vi.advanceTimersByTime(25);
    expect([polls.isReady, ready]).toEqual([true, 1]);
    polls.write(Buffer.from('b'));
    expect(second.response.body).toBe('b');
    polls.close();
  });

  test('without anything to say, empty answers in time, one after the other', () => {
    vi.useFakeTimers();
    const polls = new PollAnswers(() => {});
    const [first, second] = [ask(polls, 1), ask(polls, 2)];
    vi.advanceTimersByTime(POLL_MS);
    expect([first.response.body, second.response.body]).toEqual(['', undefined]);
    vi.advanceTimersByTime(POLL_MS);
    expect(second.response.body).toBe('');
    const third = ask(polls, 3);
    const again = ask(polls, 3);
    expect([third.response.body, again.asked]).toEqual(['', 'waits']);
    polls.close();
    expect(again.response.body).toBe('');
  });

  test('any order of asking and answering: who asks as the table has it gets each answer once and in order', () => {
    vi.useFakeTimers();
    const step = fc.constantFrom('ask', 'write', 'deliver', 'lose');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), fc.infiniteStream(fc.nat()), (steps, choices) => {
        const polls = new PollAnswers(() => {});
        /** Asked for and not delivered. */
        const open = new Map<number, FakeResponse>();
        const got: string[] = [];
        let [asked, said] = [0, 0];
        const pick = () => {
          const numbers = [...open.keys()];
          return numbers[(choices.next().value ?? 0) % Math.max(1, numbers.length)] ?? 0;
        };
        for (const what of steps) {
          vi.advanceTimersByTime(30);
          if (what === 'ask' && open.size < MAX_POLLS && asked - got.length < MAX_POLLS) {
            const { response, asked: how } = ask(polls, ++asked);
            expect(how).toBe('waits');
            open.set(asked, response);
          } else if (what === 'write' && polls.isReady) polls.write(Buffer.from(`${++said}`));
          else if (what === 'lose' && open.size > 0) {
            const number = pick();
            const { response, asked: how } = ask(polls, number);
            expect(['waits', 'repeated']).toContain(how);
            open.set(number, response);
          } else if (what === 'deliver' && open.get(got.length + 1)?.body !== undefined) {
            got.push(open.get(got.length + 1)?.body ?? '');
            open.delete(got.length);
          }
        }
        polls.close();
        expect(got).toEqual(got.map((_, i) => `${i + 1}`));
      }),
      { seed: FUZZ_SEED, numRuns: 500 },
    );
  });
});

test('what comes early is kept up to a limit', () => {
  const order = new UploadOrder();
  expect(order.push(2, Buffer.alloc(MAX_EARLY_BYTES))).toEqual([]);
  expect(order.push(3, Buffer.alloc(1))).toBeUndefined();
  expect(order.push(1, Buffer.alloc(1))).toHaveLength(2);
  expect(order.push(4, Buffer.alloc(1))).toEqual([]);
});

test('HTTP/2: a session by stream and uploads on one connection', async () => {
  const lab = await TunnelLab.start();
  const server = createServer((request, response) => {
    if (!lab.media.handleRequest(request, response)) response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const opened = await ask(client, 'POST', `${TUNNEL_PATH}/sessions`, '', '{"ticket":"ticket-2"}');
  expect(opened.status).toBe(201);
  const { session, secret, carrier } = JSON.parse(opened.body) as { session: string; secret: string; carrier: number };
  const base = `${TUNNEL_PATH}/sessions/${session}/carriers/${carrier}`;
  const stream = client.request({ ':path': `${base}/stream`, authorization: `Bearer ${secret}` });
  let received = '';
  stream.on('data', (chunk: Buffer) => {
    received += chunk.toString();
  });
  const has = async (text: string) => {
    while (!received.includes(text)) await once(stream, 'data');
  };
  await has('"resumed"');
  const upload = (number: number) => ask(client, 'POST', `${base}/upload`, secret, '\0\0\x0f{"type":"ping"}', number);
  expect((await Promise.all([upload(1), upload(2), upload(3)])).map(({ status }) => status)).toEqual([204, 204, 204]);
  await has('"pong"');
  expect((await ask(client, 'POST', `${base}/upload`, 'other', '', 4)).status).toBe(404);
  client.destroy();
  server.close();
  await lab.stop();
});

async function ask(client: ClientHttp2Session, method: string, path: string, secret: string, body: string, number = 1) {
  const headers = {
    ':method': method,
    ':path': path,
    authorization: `Bearer ${secret}`,
    [TUNNEL_NUMBER]: String(number),
  };
  const stream = client.request(headers);
  stream.end(body);
  const [response] = (await once(stream, 'response')) as [{ ':status': number }];
  let answer = '';
  for await (const chunk of stream) answer += String(chunk);
  return { status: response[':status'], body: answer };
}
