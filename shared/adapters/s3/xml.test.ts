import { expect, test } from 'vitest';
import { elementsOf, textOf } from './xml.ts';

test('elements are found in order, with what is in them', () => {
  const xml = '<L><C><Key>a</Key></C><N>x</N><C></C><C><Key>b</Key></C></L>';
  expect(elementsOf(xml, 'C')).toEqual(['<Key>a</Key>', '', '<Key>b</Key>']);
});

test.each([
  ['<Key>a&amp;b &lt;&gt;&quot;&apos;</Key>', 'a&b <>"\''],
  ['<Key>&#65;&#x42;&#x1F680;</Key>', 'AB\u{1f680}'],
  ['<Key></Key>', ''],
  ['<Key>&unknown; &#0; &#x110000; &amp</Key>', '&unknown; &#0; &#x110000; &amp'],
  ['<Key>&amp;lt;</Key>', '&lt;'],
])('%s has the text %j', (xml, text) => {
  expect(textOf(xml, 'Key')).toBe(text);
});

test.each(['', '<Key>', '<Key>a', '<Key><B>a</B></Key>', '<Key/>', '<key>a</key>'])(
  '%j has no text',
  (xml) => {
    expect(textOf(xml, 'Key')).toBeNull();
  },
);

test('what is not closed ends the list', () => {
  expect(elementsOf(`<C>1</C>${'<C>'.repeat(100_000)}`, 'C')).toEqual(['1']);
});

test('an entity of a document type is nothing but its text', () => {
  const xml = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Key>&a;</Key>';
  expect(textOf(xml, 'Key')).toBe('&a;');
});
