/** Streams of TURN over real sockets with anything in them, in any pieces: each ends for a reason that is counted, and nothing is left. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setImmediate as nextRound } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { until } from '../../mmr/control/worker-pool-test-lab.ts';
import { mutate } from '../../test/fuzz/mutate.ts';
import { Random } from '../../test/fuzz/random.ts';
import { turnPassword } from './core/credentials.ts';
import { LabTurnClient, labClient, requestedTransport, TurnLab } from './core/turn-lab.ts';
import { TurnMethod } from './core/turn-protocol.ts';
import { TurnService } from './turn-service.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 20_261_122);
const STREAMS = 400;
const AT_A_TIME = 80;

/** What clients say, well formed; signed for another server, so that nobody is let in by it. */
function corpus(): Uint8Array[] {
  const client = new LabTurnClient(new TurnLab(), labClient());
  client.challenge();
  const binding = Buffer.from('000100002112a442000102030405060708090a0b', 'hex');
  const channelData = Buffer.from('4000000501020304050000004001000401020304', 'hex');
  const allocate = client.signed(TurnMethod.allocate, [requestedTransport]);
  return [binding, channelData, allocate, Buffer.concat([binding, allocate, channelData, binding])];
}

test(`any bytes (seed ${SEED})`, async () => {
  const turn = new TurnService({
    realm: 'z',
    udp: [],
    tcp: [],
    relays: [{ address: '127.0.0.1' }],
    limits: { idleMs: 300 },
  });
  turn.setSecrets(['secret', turnPassword('another', 'one')]);
  await turn.start();
  const server = createServer((socket) => {
    turn.acceptTurn(socket, { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const random = new Random(SEED);
  const known = corpus();

  const visit = async (bytes: Uint8Array, own: Random): Promise<void> => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    // Some do not read.
    if (own.chance(4)) socket.pause();
    else socket.resume();
    for (let at = 0; at < bytes.length && !socket.destroyed; ) {
      const size = 1 + own.below(own.chance(2) ? 5 : 200);
      socket.write(bytes.subarray(at, at + size));
      at += size;
      if (own.chance(3)) await nextRound();
    }
    if (own.chance(2)) socket.destroy();
    // The others are closed by the server: what they say is no TURN, or comes to nothing.
    setTimeout(() => socket.resume(), 50);
    await closed;
  };
  for (let i = 0; i < STREAMS; i += AT_A_TIME) {
    await Promise.all(
      Array.from({ length: AT_A_TIME }, () => {
        const bytes = random.chance(5) ? random.pick(known) : mutate(known, 10_000, random);
        return visit(bytes, new Random(random.below(2 ** 31)));
      }),
    );
  }
  await until('nothing is left', () => turn.load.streams === 0);
  expect(turn.load).toEqual({ allocations: 0, streams: 0, relaySockets: 0 });
  const { streamsAccepted, streamEnds } = turn.socketCounters;
  expect(Object.values(streamEnds).reduce((sum, count) => sum + count, 0)).toBe(streamsAccepted);
  // Some have gone before they were there.
  expect(streamsAccepted).toBeGreaterThan(STREAMS / 2);
  expect(Math.min(streamEnds.left, streamEnds.notTurn, streamEnds.idle, turn.counters.answered)).toBeGreaterThan(0);
  server.close();
  await turn.stop();
}, 90_000);
