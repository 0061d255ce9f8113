import { describe, expect, test } from 'vitest';
import { ToldControllers } from './told-controllers.ts';
import { KEPT_MS, ToldRouters } from './told-routers.ts';

describe('routers', () => {
  test('are where they were told to be, in whatever notation, and nowhere else', () => {
    const routers = new ToldRouters();
    const told = [
      { address: '192.0.2.1', port: 40_000 },
      { address: '2001:DB8:0::1', port: 40_001 },
      { address: 'router.example', port: 40_002 },
    ];
    routers.tell(told, 0);
    const asked: [string, number][] = [
      ['192.0.2.1', 40_000],
      ['::ffff:192.0.2.1', 40_000],
      ['2001:db8::1', 40_001],
      ['192.0.2.1', 40_001],
      ['192.0.2.2', 40_000],
      ['router.example', 40_002],
      ['', 0],
    ];
    expect(asked.map(([address, port]) => routers.has(address, port))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(routers.all).toEqual(told.slice(0, 2));
  });

  test('stay for a while after they were told of last, and are there at once when they come', () => {
    const routers = new ToldRouters();
    const [first, second] = [
      { address: '192.0.2.1', port: 1 },
      { address: '192.0.2.2', port: 1 },
    ] as const;
    routers.tell([first], 0);
    routers.tell([second], 1);
    routers.tell([second], KEPT_MS - 1);
    expect(routers.all).toEqual([first, second]);
    routers.tell([second], KEPT_MS);
    expect(routers.all).toEqual([second]);
    expect(routers.has(first.address, 1)).toBe(false);
  });
});

test('controllers are those told last, those that an operator names before, and never none', () => {
  const controllers = new ToldControllers(['https://zc-1.example']);
  let changes = 0;
  const forget = controllers.onChange(() => changes++);
  controllers.replace([]);
  expect([controllers.urls, changes]).toEqual([['https://zc-1.example'], 0]);
  controllers.replace(['https://b.example', 'https://a.example']);
  controllers.replace(['https://a.example', 'https://b.example']);
  expect([controllers.urls, changes]).toEqual([['https://a.example', 'https://b.example'], 1]);
  forget();
  controllers.replace(['https://c.example']);
  expect([controllers.urls, changes]).toEqual([['https://c.example'], 1]);
});
