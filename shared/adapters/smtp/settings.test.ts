import { describe, expect, test } from 'vitest';
import { PortError } from '../../ports/error.ts';
import { classify, resultKind, type SmtpFailure } from './classify.ts';
import { parseServerUrl } from './server-url.ts';
import { transportSettings } from './settings.ts';

describe('the URL of the server', () => {
  test.each([
    ['smtp://mail.example.com', { port: 587, secure: false, user: null, loopback: false }],
    ['smtps://mail.example.com', { port: 465, secure: true, user: null, loopback: false }],
    ['smtp://alerts%40example.com@mail.example.com:2525', { port: 2525, user: 'alerts@example.com' }],
    ['smtp://127.0.0.1:25', { loopback: true }],
    ['smtp://[::1]:25', { host: '::1', loopback: true }],
    ['smtp://LOCALHOST', { host: 'localhost', loopback: true }],
    ['smtp://localhost.example.com', { loopback: false }],
    ['smtp://127.0.0.1.example.com', { loopback: false }],
  ])('%s', (url, server) => expect(parseServerUrl(url)).toMatchObject(server));

  test.each([
    '',
    'mail.example.com',
    'http://mail.example.com',
    'smtp://',
    'smtp://h/path',
    'smtp://h?x=1',
    'smtp://%ff@h',
  ])('refuses %j', (url) => expect(() => parseServerUrl(url)).toThrow(PortError));

  test('refuses a password without repeating it', () => {
    expect(() => parseServerUrl('smtp://me:hunter2@mail.example.com')).toThrow(/set TIDEMARK_SMTP_PASSWORD/);
    expect(() => parseServerUrl('smtp://me:hunter2@mail.example.com')).not.toThrow(/hunter2/);
  });
});

describe('the connection', () => {
  const settings = (url: string, more = {}) => transportSettings(parseServerUrl(url), { url, ...more });

  test('to another machine is always encrypted and checked', () => {
    expect(settings('smtp://mail.example.com')).toMatchObject({
      secure: false,
      requireTLS: true,
      tls: { minVersion: 'TLSv1.2' },
    });
    expect(settings('smtp://mail.example.com').tls).not.toHaveProperty('rejectUnauthorized');
    expect(settings('smtps://mail.example.com')).toMatchObject({
      secure: true,
      tls: { minVersion: 'TLSv1.2' },
    });
    expect(settings('smtps://localhost').tls).not.toHaveProperty('rejectUnauthorized');
  });

  test('logs in only with a user and a password', () => {
    expect(settings('smtp://me@h', { password: 'x' })).toMatchObject({ auth: { user: 'me', pass: 'x' } });
    expect(settings('smtp://me@h')).not.toHaveProperty('auth');
    expect(settings('smtp://h', { password: 'x' })).not.toHaveProperty('auth');
  });

  test('reads no file and no address, and does not wait for minutes', () => {
    const found = settings('smtp://h', { timeouts: { idle: 7 } });
    expect(found).toMatchObject({ disableFileAccess: true, disableUrlAccess: true, maxRecipients: 50 });
    expect(found).toMatchObject({
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 7,
      dnsTimeout: 5_000,
    });
  });
});

describe('a failure is sorted', () => {
  const failure = (change: Partial<SmtpFailure>): SmtpFailure => ({ message: 'x', ...change });
  const CASES: readonly (readonly [string, Partial<SmtpFailure>, boolean, string])[] = [
    [
      'wrong password, called permanent',
      { code: 'EAUTH', responseCode: 535, permanent: true },
      false,
      'channel',
    ],
    ['no STARTTLS, called permanent', { code: 'ETLS', responseCode: 500, permanent: true }, false, 'channel'],
    [
      'a login wanted at the sender',
      { code: 'EENVELOPE', responseCode: 530, permanent: true },
      false,
      'channel',
    ],
    ['untrusted certificate', { code: 'ESOCKET', message: 'self-signed certificate' }, false, 'channel'],
    ['unknown host', { code: 'EDNS' }, false, 'channel'],
    ['refused connection', { code: 'ESOCKET' }, false, 'channel'],
    ['timeout of the greeting', { code: 'ETIMEDOUT' }, false, 'channel'],
    ['recipients put off', { code: 'EENVELOPE', responseCode: 450, permanent: false }, false, 'retry'],
    ['recipients refused', { code: 'EENVELOPE', responseCode: 550, permanent: true }, false, 'failed'],
    ['message put off', { code: 'EMESSAGE', responseCode: 451, permanent: false }, true, 'retry'],
    ['message refused', { code: 'EMESSAGE', responseCode: 554, permanent: true }, true, 'failed'],
    ['message too large', { code: 'EMESSAGE', responseCode: 552, permanent: true }, true, 'degrade'],
    ['message too large, told before it was sent', { code: 'EMESSAGE' }, false, 'degrade'],
    ['connection lost after 354', { code: 'ECONNECTION' }, true, 'uncertain'],
    ['silence after 354', { code: 'ETIMEDOUT' }, true, 'uncertain'],
    ['stopped after 354', { code: 'EABORT' }, true, 'uncertain'],
    ['stopped before', { code: 'EABORT' }, false, 'retry'],
    ['too many recipients', { code: 'EMAXRECIPIENTS' }, false, 'failed'],
    ['a file attached', { code: 'EFILEACCESS' }, false, 'failed'],
  ];
  test.each(CASES)('%s', (_, change, accepting, expected) => {
    expect(classify(failure(change), accepting)).toBe(expected);
  });

  test('into what the port knows', () => {
    expect(
      ['channel', 'retry', 'failed', 'degrade', 'uncertain'].map((kind) => resultKind(kind as 'retry')),
    ).toEqual(['unreachable', 'retry', 'failed', 'failed', 'uncertain']);
  });
});
