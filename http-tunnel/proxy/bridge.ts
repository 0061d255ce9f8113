/** Two streams that carry each other's bytes: no faster than the slower reads, until both directions have ended. */
import { type Duplex, pipeline, type Transform } from 'node:stream';

/** For the second direction to end after the first. */
const HALF_CLOSED_MS = 10_000;

/** What `b` says gets to `a` through `through`. Calls `ended` once, when both are destroyed or about to be. */
export function bridge(a: Duplex, b: Duplex, through: Transform, ended: () => void): void {
  let open = 2;
  let timer: NodeJS.Timeout | undefined;
  const cut = (): void => {
    clearTimeout(timer);
    a.destroy();
    b.destroy();
  };
  const handleEnd = (error: NodeJS.ErrnoException | null): void => {
    open--;
    if (error !== null || open === 0) cut();
    else timer = setTimeout(cut, HALF_CLOSED_MS);
    if (open === 0) ended();
  };
  pipeline(a, b, (error) => handleEnd(error ?? null));
  pipeline(b, through, a, (error) => handleEnd(error ?? null));
}
