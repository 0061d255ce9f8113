/** What requests by HTTP have of their own: order of uploads, polls in time, bodies that do not come, HTTP/2. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type ClientHttp2Session, connect, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { MAX_UPLOADS, TUNNEL_NUMBER, TUNNEL_PATH } from '../../../proto/tunnel.ts';
import { TunnelLab } from '../testing/tunnel-lab.ts';
import { BODY_DEADLINE_MS, type Response, readBody } from './http-exchange.ts';
import { POLL_MS, PollAnswers } from './poll-answers.ts';
import { UploadOrder } from './upload-order.ts';

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

describe('bodies', () => {
  const body = () => {
    const stream = new PassThrough();
    return { stream, read: readBody(stream as unknown as IncomingMessage, 10) }; // Of a request, only the stream is read.
  };

  test('whole, too large, cut off, too slow', async () => {
    vi.useFakeTimers();
    const [whole, large, cut, slow] = [body(), body(), body(), body()];
    whole.stream.end('0123456789');
    large.stream.write('01234567890');
    cut.stream.destroy();
    slow.stream.write('0');
    expect(await whole.read).toEqual(Buffer.from('0123456789'));
    expect(await large.read).toBe('tooLarge');
    expect(await cut.read).toBe('tooSlow');
    for (let i = 0; i < BODY_DEADLINE_MS; i += 1_000) {
      vi.advanceTimersByTime(1_000);
      slow.stream.write('');
    }
    expect(await slow.read).toBe('tooSlow');
  });
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
  destroy(): void {}
}

describe('polls', () => {
  const ask = (polls: PollAnswers, number: number) => {
    const response = new FakeResponse();
    return { response, asked: polls.ask(number, response satisfies Response) };
  };

  test('an answer is repeated until the next is asked for; what is asked out of order is refused', () => {
    vi.useFakeTimers();
    const polls = new PollAnswers(() => {});
    const first = ask(polls, 1);
    expect(polls.isReady).toBe(true);
    polls.write(Buffer.from('a'));
    expect([first.response.body, polls.isReady]).toEqual(['a', false]);
    expect(ask(polls, 1)).toMatchObject({ asked: 'repeated', response: { body: 'a' } });
    expect(ask(polls, 3).asked).toBe('outOfOrder');
    expect(ask(polls, 2).asked).toBe('waits');
    expect(ask(polls, 1).asked).toBe('repeated');
    polls.close();
  });

  test('what comes in the next moment goes together; without anything, an empty answer in time', () => {
    vi.useFakeTimers();
    let ready = 0;
    const polls = new PollAnswers(() => ready++);
    ask(polls, 1);
    polls.write(Buffer.from('a'));
    const second = ask(polls, 2);
    expect(polls.isReady).toBe(false);
    vi.advanceTimersByTime(25);
    expect([polls.isReady, ready]).toEqual([true, 1]);
    vi.advanceTimersByTime(POLL_MS);
    expect(second.response.body).toBe('');
    const third = ask(polls, 3);
    const again = ask(polls, 3);
    expect([third.response.body, again.asked]).toEqual(['', 'waits']);
    polls.close();
    expect(again.response.body).toBe('');
  });
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
