import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeHtml, html, lines, link, webAddress } from './html.ts';
import { shellCommand, shellWord } from './shell.ts';

test('text is escaped, markup is not escaped again', () => {
  const inner = html`<b>${'<&">\''}</b>`;
  expect(html`<p title="${'"'}">${inner}${[inner, 1]}${null}${false}</p>`.toString()).toBe(
    '<p title="&quot;"><b>&lt;&amp;&quot;&gt;&#39;</b><b>&lt;&amp;&quot;&gt;&#39;</b>1</p>',
  );
  expect(lines([html`<a>`, null, false, html`</a>`]).toString()).toBe('<a>\n</a>');
});

test('an object that only looks like markup cannot pass', () => {
  const forged = { toString: () => '<script>' };
  // @ts-expect-error: only `html` makes markup
  expect(() => html`${forged}`.toString()).toThrow();
});

test('escaped text holds nothing that opens a tag, ends an attribute or turns the text around', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(escapeHtml(text)).not.toMatch(/[<>"'`\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
    }),
  );
});

describe('a mail links only to', () => {
  test.each(['https://example.com/a?b=c&d=%20#e', 'http://localhost:8080', 'HTTPS://example.com/x'])(
    '%s',
    (url) => {
      expect(webAddress(url)).toBe(url);
      expect(link(url, 'logs').toString()).toContain(`href="${escapeHtml(url)}"`);
    },
  );

  test.each([
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    '//example.com',
    'gs://bucket/x',
    'https://console.cloud.google.com@evil.example/',
    'https://user:pass@example.com/',
    'https://example.com\\@evil.example/',
    'https://example.com/"onmouseover="x',
    'https://example.com/\u202egnp',
    'https://ехample.com/',
    'https://',
    `https://example.com/${'x'.repeat(1000)}`,
  ])('never to %s', (url) => {
    expect(webAddress(url)).toBeNull();
    expect(link(url, '<logs>').toString()).toBe('&lt;logs&gt;');
  });
});

describe('commands can be pasted', () => {
  test.each([
    ['resnet-50.v2', 'resnet-50.v2'],
    ['my test', "'my test'"],
    ["it's", String.raw`'it'\''s'`],
    ['$(rm -rf ~) `id` !!', "'$(rm -rf ~) `id` !!'"],
    ['~', "'~'"],
    ['', "''"],
    ['表🧪', "'表🧪'"],
    ['a\nb\u202ec', String.raw`$'a\nb\u202ec'`],
    ["'\u0007\\", String.raw`$'\'\x07\\'`],
  ])('%j as %s', (text, word) => expect(shellWord(text)).toBe(word));

  test('a name that looks like an option stays a name', () => {
    expect(shellCommand('tidemark history', '-x', { metric: '--y' })).toBe(
      'tidemark history --metric=--y -- -x',
    );
    expect(shellCommand('tidemark history', 'x', { metric: 'a b' })).toBe(
      "tidemark history x --metric 'a b'",
    );
    expect(shellCommand('tidemark verdict', '--help')).toBe('tidemark verdict -- --help');
  });
});
