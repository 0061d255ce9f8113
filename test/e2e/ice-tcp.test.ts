/** People to whose network UDP is closed, but TCP to the routers is not. */
import { expect, test } from 'vitest';
import { useZone } from './fixture.ts';

const zone = useZone();

/** Runs in the page before its own scripts: of every answer, what a firewall that passes TCP only would leave of use. */
function withoutUdp(): void {
  const { prototype } = RTCPeerConnection;
  const apply = prototype.setRemoteDescription;
  prototype.setRemoteDescription = async function (this: RTCPeerConnection, { type, sdp = '' }) {
    await Reflect.apply(apply, this, [{ type, sdp: sdp.replace(/^a=candidate:\S+ \d+ udp .*\r\n/gim, '') }]);
  };
}

/** Of the connections that stand: the protocols of the pair that ICE selected, and what the router's end of it is. */
async function selectedPairs(): Promise<string[]> {
  const pairs: string[] = [];
  for (const peer of window.probe.peers) {
    if (peer.connectionState !== 'connected') continue;
    const report = await peer.getStats();
    for (const stats of report.values()) {
      if (stats.type !== 'transport') continue;
      const pair = report.get(stats.selectedCandidatePairId);
      const [local, remote] = [report.get(pair?.localCandidateId), report.get(pair?.remoteCandidateId)];
      pairs.push([local?.protocol, remote?.protocol, remote?.candidateType].join(' '));
    }
  }
  return pairs;
}

test('two people see and hear each other, and a third by UDP', async () => {
  const link = await zone.newMeeting();
  const ada = await zone.join(link, 'Ada', { prepare: withoutUdp });
  const bob = await zone.join(link, 'Bob', { prepare: withoutUdp });
  await ada.decodes('Bob', 30);
  await bob.decodes('Ada', 30);
  await ada.hears(1);
  await bob.hears(1);
  const eve = await zone.join(link, 'Eve');
  await eve.decodes('Ada', 30);
  await ada.decodes('Eve', 30);
  await eve.hears(2);
  for (const person of [ada, bob]) {
    expect(await person.page.evaluate(selectedPairs)).toEqual(['tcp tcp host']);
    expect(await person.page.evaluate(() => window.probe.interruptions)).toBe(0);
  }
  // Whom UDP is open to goes by it, though TCP is answered as well.
  expect(await eve.page.evaluate(selectedPairs)).toEqual(['udp udp host']);
});
