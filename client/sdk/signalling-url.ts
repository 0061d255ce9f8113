/** Of a zone-controller's WebSocket, by any address of it; only the origin counts. @throws TypeError It is no address. */
export function signallingUrl(address: string): string {
  const url = new URL('/v1/signalling', address);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

/** Of those that a server names. One that is no address is nowhere to go, and no reason to stop. */
export function signallingUrls(addresses: readonly string[]): string[] {
  return addresses.filter((address) => URL.canParse(address)).map(signallingUrl);
}
