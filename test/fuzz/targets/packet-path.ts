/**
 * The whole media worker: two people in a meeting, and datagrams from them and from a stranger, through demultiplexer,
 * STUN, RTCP, stream resolution, slots and rewriting. The lab's engine lets every tag hold, so what is fed here is what a
 * participant with keys may send; it throws when malformed RTP or a nonce used twice goes out.
 */
import { MediaWorkerLab } from '../../../mmr/media/packet-path-test-lab.ts';
import { labMedia } from '../../../mmr/media/packet-path-test-media.ts';
import { Command, mutateScript, readScript } from '../datagram-script.ts';
import { type FuzzTarget, hold } from '../fuzz-target.ts';

const SENDERS = ['ann', 'ben', 'eve'] as const;
const TICK_MS = 20;
const SOURCES = ['microphone', 'camera', 'screen'] as const;

export const packetPathTarget: FuzzTarget = {
  name: 'packet-path',
  runs: 150,
  maxSize: 16 * 1024,
  readsPerByte: undefined,
  vary: mutateScript,
  run(bytes, offset, size) {
    const lab = new MediaWorkerLab({ storeSlots: 64 });
    lab.enter('ann', labMedia({ ssrc: 100, sources: SOURCES }));
    lab.enter('ben', labMedia({ ssrc: 200 }));
    for (const { command, data } of readScript(bytes, offset, size)) {
      if (command === Command.wait) {
        lab.advance(TICK_MS * (data[0] ?? 1));
      } else if (command === Command.mute) {
        const kind = SOURCES[((data[0] ?? 0) >>> 1) % SOURCES.length];
        if (kind !== undefined) lab.mute('ann', kind, ((data[0] ?? 0) & 1) === 0);
      } else {
        lab.receive(SENDERS[command] ?? 'eve', data);
        lab.run();
      }
    }
    lab.advance(TICK_MS);
    checkCounters(lab);
    const { received, forwarded, consumed, planned, sent } = lab.path;
    return [received, forwarded, consumed, planned, sent, [...lab.path.drops], lab.events];
  },
};

function checkCounters({ path, accountedFor, engine }: MediaWorkerLab): void {
  hold(accountedFor === path.received, 'every packet that came in ends in exactly one counter');
  const lost = engine.drops.reduce((sum, count) => sum + count, 0);
  hold(path.planned === path.sent + lost, 'every record that was planned is sent or counted');
}
