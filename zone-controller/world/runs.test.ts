import { expect, test } from 'vitest';
import { Runs } from './runs.ts';

test('what is asked for while one goes on is one more after it', async () => {
  const gates: PromiseWithResolvers<void>[] = [];
  const runs = new Runs(() => {
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    return gate.promise;
  });
  const first = runs.run();
  for (let time = 0; time < 5; time++) void runs.run();
  expect(gates).toHaveLength(1);
  gates[0]?.resolve();
  await expect.poll(() => gates.length).toBe(2);
  gates[1]?.resolve();
  await first;
  expect(gates).toHaveLength(2);
  void runs.run();
  expect(gates).toHaveLength(3);
});
