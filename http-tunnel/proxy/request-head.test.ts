import { describe, expect, test } from 'vitest';
import { endToEnd, requestHeaders } from './forwarded-headers.ts';
import { readHead } from './request-head.ts';

const HOST = { host: 'meet.example' };

describe('one reading of a request', () => {
  test.each([
    ['/', '/'],
    ['/v1/meetings?x=1&y=%20/?:@', '/v1/meetings?x=1&y=%20/?:@'],
    ["/a-._~!$&'()*+,;=:@[]{}|^`%", "/a-._~!$&'()*+,;=:@[]{}|^`%"],
    ['//evil.example/', '//evil.example/'],
    ['https://meet.example/x?y', '/x?y'],
    ['http://MEET.example', '/'],
    ['http://meet.example?x', '/?x'],
  ])('%s goes on as %s', (target, path) => {
    expect(readHead('GET', target, HOST, false)).toMatchObject({ method: 'GET', path });
  });

  test.each([
    '',
    '*',
    'meet.example:443',
    'x',
    '/a b',
    '/a#b',
    '/a\\b',
    '/a\tb',
    '/\r\nX: y',
    '/\u00e9',
    '/\u0000',
    '/\u007f',
    'ftp://meet.example/',
    'https:/meet.example/',
    '/<',
    '/>',
  ])('target %j is refused', (target) => {
    expect(readHead('GET', target, HOST, false)).toBe('target');
  });

  test.each([
    '',
    'a b',
    'user@meet.example',
    'meet.example:',
    'meet.example:999999',
    'meet.example/',
    'a,b',
    'ex\u00e4mple',
    '[::1',
    '::1',
    '[::1]:x',
    'a:b:1',
  ])('host %j is refused', (host) => {
    expect(readHead('GET', '/', { host }, false)).toBe('host');
  });

  test.each(['meet.example', 'meet.example:8443', '127.0.0.1', '[2001:db8::1]:443', 'LOCALHOST'])(
    'host %s is taken',
    (host) => {
      expect(readHead('GET', '/', { host }, false)).toMatchObject({ host });
    },
  );

  test('names of the host that differ are refused', () => {
    expect(readHead('GET', 'https://evil.example/', HOST, false)).toBe('host');
    expect(readHead('GET', 'https:///x', HOST, false)).toBe('host');
    expect(readHead('GET', '/', { ':authority': 'evil.example', ...HOST }, true)).toBe('host');
    expect(readHead('GET', '/', { ':authority': 'meet.example' }, true)).toMatchObject(HOST);
    expect(readHead('GET', '/', {}, false)).toBe('host');
  });

  test.each(['CONNECT', 'TRACE', 'PRI', 'get', 'GET / HTTP/1.1\r\nX:', ''])('method %j is refused', (method) => {
    expect(readHead(method, '/', HOST, false)).toBe('method');
  });

  test.each([
    { 'content-length': '1', 'transfer-encoding': 'chunked' },
    { 'transfer-encoding': 'gzip, chunked' },
    { 'transfer-encoding': 'chunked, chunked' },
    { 'transfer-encoding': 'identity' },
    { 'transfer-encoding': ' chunked' },
    { 'content-length': '1, 1' },
    { 'content-length': '+1' },
    { 'content-length': '0x1' },
    { 'content-length': '1 ' },
    { 'content-length': '' },
    { 'content-length': '1'.repeat(16) },
  ])('%j is refused', (headers) => {
    expect(readHead('POST', '/', { ...HOST, ...headers }, false)).toBe('framing');
  });

  test('HTTP/2 has no transfer coding', () => {
    expect(readHead('POST', '/', { ...HOST, 'transfer-encoding': 'chunked' }, true)).toBe('framing');
  });
});

describe('headers', () => {
  test('what is between neighbours stays there, also what Connection names', () => {
    const headers = {
      connection: 'close, X-Mine',
      'x-mine': '1',
      'keep-alive': '5',
      te: 'trailers',
      upgrade: 'h2c',
      ':path': '/',
      cookie: 'a=b',
    };
    expect(endToEnd(headers)).toEqual({ cookie: 'a=b' });
  });

  test('the client is added to what is said of where the request came from', () => {
    const headers = {
      'x-forwarded-for': '10.1.1.1',
      'x-forwarded-proto': 'http',
      forwarded: 'for=10.1.1.1',
      origin: 'https://a.example',
      expect: '100-continue',
    };
    expect(requestHeaders(headers, 'meet.example', '192.0.2.1')).toEqual({
      origin: 'https://a.example',
      host: 'meet.example',
      'x-forwarded-for': '10.1.1.1, 192.0.2.1',
      'x-forwarded-host': 'meet.example',
      'x-forwarded-proto': 'https',
      forwarded: 'for=10.1.1.1, for=192.0.2.1;host="meet.example";proto=https',
    });
    expect(requestHeaders({}, 'a', '2001:db8::1')).toMatchObject({
      'x-forwarded-for': '2001:db8::1',
      forwarded: 'for="[2001:db8::1]";host="a";proto=https',
    });
  });
});
