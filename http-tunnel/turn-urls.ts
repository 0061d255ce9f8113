/** What clients are told of TURN at a tunnel (RFC 7065). Pure. */

interface TurnEndpoints {
  readonly udp: readonly { readonly port: number }[];
  readonly tcp: readonly { readonly port: number }[];
}

/** By the name in `publicUrl`: UDP first, then TCP, and TLS at the port of the URL, which every network lets through. */
export function turnUrls(publicUrl: string, { udp, tcp }: TurnEndpoints): string[] {
  const { hostname, port } = new URL(publicUrl);
  return [
    ...udp.map((endpoint) => `turn:${hostname}:${endpoint.port}?transport=udp`),
    ...tcp.map((endpoint) => `turn:${hostname}:${endpoint.port}?transport=tcp`),
    `turns:${hostname}:${port === '' ? 443 : port}?transport=tcp`,
  ];
}
