/** The HTTP tunnel daemon: `node http-tunnel/main.ts --config FILE`. */
import { runDaemon } from '../common/daemon.ts';
import { loadTunnelConfig } from './config.ts';
import { makeTunnel } from './make-tunnel.ts';

const HELP = `Usage: node http-tunnel/main.ts --config FILE

A Zonecast HTTP tunnel (HT). The file is YAML; http-tunnel/http-tunnel.sample.yaml documents every key. The least of it:

  tunnel: tunnel-1
  zone: zone-1
  publicUrl: https://tunnel-1.example.org
  zoneControllers: ["zc-1.example.org:9700"]
  tls: { ca: /etc/zonecast/ca.pem, certificate: /etc/zonecast/tunnel-1.pem, privateKey: /etc/zonecast/tunnel-1.key }
  certificates: [{ certificate: /etc/zonecast/tunnel.pem, privateKey: /etc/zonecast/tunnel.key }]

In place of the last line, the tunnel can have its certificate of Let's Encrypt: acme: { agreeToTerms: true, domains: [tunnel-1.example.org] }
`;

await runDaemon({
  name: 'http-tunnel',
  help: HELP,
  load: loadTunnelConfig,
  logName: ({ tunnel }) => tunnel,
  make: makeTunnel,
});
