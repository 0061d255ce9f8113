/** What two legs and a tunnel say to each other by one carrier. */
import { expect, test, vi } from 'vitest';
import { TunnelChannel, type TunnelNews } from '../../proto/tunnel.ts';
import type { Carrier, CarrierState } from './carrier.ts';
import { type Leg, Legs } from './leg.ts';
import { RtcpTimes } from './rtcp-times.ts';

class FakeCarrier implements Carrier {
  state: CarrierState = 'open';
  sentBytes = 7;
  arrivedBytes = 0;
  onRecord: ((channel: number, payload: Uint8Array) => void) | undefined;
  onState: (() => void) | undefined;
  readonly sent: string[] = [];

  takes(): boolean {
    return true;
  }

  send(channel: number, payload: Uint8Array): void {
    this.sent.push(
      `${channel} ${channel === TunnelChannel.control ? new TextDecoder().decode(payload) : payload.join()}`,
    );
  }

  say(news: TunnelNews): void {
    this.onRecord?.(TunnelChannel.control, new TextEncoder().encode(JSON.stringify(news)));
  }

  become(state: CarrierState): void {
    this.state = state;
    this.onState?.();
  }

  close(): void {}
}

function start(): { carrier: FakeCarrier; legs: Legs; leg: Leg; states: string[] } {
  const carrier = new FakeCarrier();
  const legs = new Legs(carrier);
  const leg = legs.take();
  const states: string[] = [];
  leg.onState = () => states.push(leg.state);
  return { carrier, legs, leg, states };
}
const CREDENTIALS = { ufrag: 'u', pwd: 'p', fingerprint: 'sha-256 00' };

test('opens, connects, carries packets', async () => {
  const { carrier, leg, states } = start();
  const opened = leg.open();
  carrier.say({ type: 'opened', leg: 0, ...CREDENTIALS });
  expect(await opened).toMatchObject(CREDENTIALS);
  leg.connect([{ address: '192.0.2.1', port: 9 }], CREDENTIALS);
  carrier.say({ type: 'legState', leg: 0, state: 'connecting' });
  carrier.say({ type: 'legState', leg: 0, state: 'connected' });
  const packets: string[] = [];
  leg.onPacket = (packet) => packets.push(packet.join());
  carrier.onRecord?.(TunnelChannel.media, Uint8Array.of(1, 2));
  carrier.onRecord?.(TunnelChannel.secondMedia, Uint8Array.of(3));
  leg.send(Uint8Array.of(4));
  expect(states).toEqual(['connecting', 'connected']);
  expect(packets).toEqual(['1,2']);
  expect(carrier.sent).toEqual([
    '0 {"type":"open","leg":0}',
    '0 {"type":"connect","leg":0,"candidates":[{"address":"192.0.2.1","port":9}],"ufrag":"u","pwd":"p","fingerprint":"sha-256 00"}',
    '1 4',
  ]);
});

test('two at a time, on channels of their own; a closed one makes room', () => {
  const { carrier, legs, leg } = start();
  const second = legs.take();
  expect(() => legs.take()).toThrow('both legs');
  second.send(Uint8Array.of(9));
  leg.close();
  leg.close();
  expect(carrier.sent).toEqual(['3 9', '0 {"type":"close","leg":0}']);
  legs.take().send(Uint8Array.of(8));
  expect(carrier.sent.at(-1)).toBe('1 8');
});

test('fails when the tunnel says so, and when the carrier is lost; an interruption is none', async () => {
  const one = start();
  one.carrier.say({ type: 'legState', leg: 0, state: 'connected' });
  one.carrier.become('interrupted');
  expect([one.leg.state, one.leg.isInterrupted]).toEqual(['connected', true]);
  one.carrier.become('open');
  one.carrier.say({ type: 'legState', leg: 0, state: 'failed', reason: 'no answer' });
  expect(one.leg.state).toBe('failed');
  const two = start();
  const opened = two.leg.open();
  two.carrier.become('closed');
  await expect(opened).rejects.toThrow('the carrier was lost');
  expect(two.leg.state).toBe('failed');
});

test('a tunnel that does not answer is given up after 5 s', async () => {
  vi.useFakeTimers();
  try {
    const { leg } = start();
    const opened = expect(leg.open()).rejects.toThrow('does not answer');
    await vi.advanceTimersByTimeAsync(5_000);
    await opened;
  } finally {
    vi.useRealTimers();
  }
});

test('says that the tunnel is about to end, and what it has dropped', () => {
  const { carrier, legs, leg } = start();
  let moves = 0;
  legs.onMove = () => moves++;
  carrier.say({ type: 'move' });
  carrier.say({ type: 'dropped', leg: 0, video: 5, audio: 1 });
  const texts: string[] = [];
  legs.onSignalling = (text) => texts.push(text.join());
  carrier.onRecord?.(TunnelChannel.signalling, Uint8Array.of(7));
  expect([moves, leg.dropped, texts]).toEqual([1, { video: 5, audio: 1 }, ['7']]);
});

test('reports are due each second, however often it is asked', () => {
  const times = new RtcpTimes();
  const due = Array.from({ length: 3_000 }, (_, ms) => times.due(ms));
  expect(due.filter(({ isReport }) => isReport).length).toBe(3);
  expect(due.filter(({ isLook }) => isLook).length).toBe(100);
});
