/** What a tunnel counts of its orders of certificates. */
import type { Registry } from 'prom-client';
import type { CertificateKeeper } from '../acme/certificate-keeper.ts';
import { addMetrics } from './metric-table.ts';

export function addAcmeMetrics(registry: Registry, counters: () => CertificateKeeper['counters']): void {
  addMetrics(registry, [
    {
      type: 'counter',
      name: 'acme_orders_total',
      help: 'Orders of a certificate by ACME, by how they ended.',
      label: 'result',
      values: counters,
    },
  ]);
}
