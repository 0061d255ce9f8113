/** A real router answers those who measure the way to it, as its controllers have said, whatever happens to its workers. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callUnary } from '../../proto/call-unary.ts';
import type { SetProbesReply__Output } from '../../proto/gen/zonecast/router/v1/SetProbesReply.ts';
import { DropReason } from '../media/drop-reason.ts';
import { parseStun } from '../media/stun/stun-message.ts';
import { bindingRequest } from '../media/transport/transport-test-lab.ts';
import { RouterLab } from '../router-test-lab.ts';
import { until } from './worker-pool-test-lab.ts';

const CREDENTIAL = { ufrag: 'probe/abc', password: 'p'.repeat(32) };
const patience = { timeout: 10_000, interval: 20 };

let lab: RouterLab;
let socket: Socket;
beforeAll(async () => {
  lab = await RouterLab.start();
  socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
});
afterAll(async () => {
  socket.close();
  await lab.stop();
});

function setProbes(...credentials: (typeof CREDENTIAL)[]): Promise<SetProbesReply__Output> {
  return callUnary<SetProbesReply__Output>((call, done) => lab.client.SetProbes({ credentials }, call, done), 5_000);
}

/** Asks until an answer comes; the worker may be on its way back. */
async function probe(port: number): Promise<ReturnType<typeof parseStun>> {
  let answer: Buffer | undefined;
  const hear = (bytes: Buffer): void => {
    answer = bytes;
  };
  socket.on('message', hear);
  await until('an answer', () => {
    const { ufrag, password } = CREDENTIAL;
    if (answer === undefined) socket.send(bindingRequest({ username: `${ufrag}:me`, password }), port, '127.0.0.1');
    return answer !== undefined;
  });
  socket.off('message', hear);
  return answer && parseStun(answer, 0, answer.length);
}

test('by what it was told last, also on a worker that was started anew; by what it was told before, no more', async () => {
  const { targets } = await setProbes(CREDENTIAL);
  const [port = 0] = lab.router.mediaPorts;
  expect(targets).toEqual([{ address: '127.0.0.1', port }]);
  const { port: own } = socket.address();
  expect(await probe(port)).toMatchObject({ class: 'success', xorMappedAddress: { family: 4, port: own } });
  lab.router.killWorker(0, 'test');
  expect(await probe(port)).toMatchObject({ class: 'success' });

  await setProbes({ ...CREDENTIAL, ufrag: 'probe/next' });
  const { ufrag, password } = CREDENTIAL;
  socket.send(bindingRequest({ username: `${ufrag}:me`, password }), port, '127.0.0.1');
  const expired = async (): Promise<unknown> => (await lab.router.meters()).workers[0]?.drops[DropReason.probeExpired];
  await expect.poll(expired, patience).toBe(1);
});

test.each([
  ['another name', { ...CREDENTIAL, ufrag: 'ann' }],
  ['a short password', { ...CREDENTIAL, password: 'short' }],
  ['what breaks an SDP', { ...CREDENTIAL, ufrag: 'probe/a\r\na=x' }],
])('%s is no credential', async (_, credential) => {
  await expect(setProbes(credential)).rejects.toThrow('no credential');
});

test('more than eight are not taken', async () => {
  await expect(setProbes(...Array.from({ length: 9 }, () => CREDENTIAL))).rejects.toThrow('more than 8');
});
