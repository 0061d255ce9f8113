/** Whether a relay can be had: one gives us an address, which is given back at once. */

const WAIT_MS = 2_000;

export async function reachesRelay(iceServers: readonly RTCIceServer[]): Promise<boolean> {
  const peer = new RTCPeerConnection({ iceServers: [...iceServers], iceTransportPolicy: 'relay' });
  try {
    const answer = new Promise<boolean>((resolve) => {
      setTimeout(() => resolve(false), WAIT_MS);
      peer.addEventListener('icecandidate', ({ candidate }) => {
        if (candidate === null) resolve(false);
        else if (candidate.candidate.includes(' typ relay')) resolve(true);
      });
    });
    peer.createDataChannel('probe');
    await peer.setLocalDescription(await peer.createOffer());
    return await answer;
  } catch {
    return false;
  } finally {
    peer.close();
  }
}
