import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeJunit } from './junit.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const fixture = (name: string) =>
  readFileSync(new URL(`../../../test/fixtures/sources/junit/${name}`, import.meta.url));

function read(file: string | Uint8Array) {
  const result = decodeJunit(typeof file === 'string' ? bytes(file) : file);
  if ('problem' in result) throw new Error(result.problem);
  return {
    values: Object.fromEntries(result.values.map(({ name, value }) => [name, value])),
    notes: result.notes,
  };
}

const suite = (attributes: string, ...cases: string[]) =>
  `<testsuite ${attributes}>${cases.join('')}</testsuite>`;
const times = (...texts: string[]) =>
  suite('name="s"', ...texts.map((text, at) => `<testcase name="t${at}" time="${text}"/>`));

describe('the report of', () => {
  test.each(['pytest.xml', 'pytest-xunit1.xml'])('pytest, %s', (name) => {
    const { values, notes } = read(fixture(name));
    // test_sample.py beside it: four that pass, one failure, one error in set-up, one skipped, one expected to fail.
    expect(values).toMatchObject({
      'pytest/tests': 8,
      'pytest/failures': 1,
      'pytest/errors': 1,
      'pytest/skipped': 2,
      'total/tests': 8,
      'test_sample.TestModel.test_named[say "x" & y]/time': 0,
      'test_sample.TestModel.test_named[a<b]/time': 0,
    });
    expect(values['pytest/time']).toBe(values['total/time']);
    expect(Object.keys(values)).not.toContain('test_sample.test_skipped/time');
    expect(notes).toEqual([]);
  });

  test('Node, whose suites count what lies in them directly, others within them as one', () => {
    const { values } = read(fixture('node.xml'));
    expect(values).toMatchObject({
      'outer <suite>/tests': 2,
      'outer <suite>/inner/tests': 3,
      'outer <suite>/inner/skipped': 2,
      'outer <suite>.inner.fails/time': 0.002203,
      'test.at the top/time': 0.000898,
      'total/tests': 5,
      'total/failures': 1,
      'total/skipped': 2,
    });
  });

  test('vitest', () => {
    expect(read(fixture('vitest.xml')).values).toMatchObject({
      'sample.test.ts/tests': 3,
      'sample.test.ts/skipped': 1,
      'sample.test.ts.outer > passes & "quotes"/time': 0.001924421,
      'total/failures': 1,
      'total/time': 0.00884542,
    });
  });

  test('Maven, with thousands apart and a first try that does not count', () => {
    expect(read(fixture('surefire.xml'))).toEqual({
      values: {
        'com.example.RankingTest/tests': 4,
        'com.example.RankingTest/failures': 0,
        'com.example.RankingTest/errors': 1,
        'com.example.RankingTest/skipped': 1,
        'com.example.RankingTest/time': 1234.567,
        'com.example.RankingTest.ranks/time': 1234.1,
        'com.example.RankingTest.ties/time': 0.45,
        'com.example.RankingTest.loads/time': 0.017,
        'total/tests': 4,
        'total/failures': 0,
        'total/errors': 1,
        'total/skipped': 1,
        'total/time': 1234.567,
      },
      notes: [],
    });
  });
});

describe('what is not said', () => {
  test('is counted: no attribute at all', () => {
    const cases = [
      '<testcase><failure/></testcase>',
      '<testcase><error/><failure/></testcase>',
      '<testcase/>',
    ];
    expect(read(suite('name="s"', ...cases)).values).toEqual({
      's/tests': 3,
      's/failures': 2,
      's/errors': 1,
      's/skipped': 0,
      'total/tests': 3,
      'total/failures': 2,
      'total/errors': 1,
      'total/skipped': 0,
    });
  });

  test('is counted: an attribute that is no number, and in an outer suite too', () => {
    const inner = suite('name="i" tests="many"', '<testcase/>', '<testcase><skipped/></testcase>');
    expect(read(`<testsuite name="o">${inner}</testsuite>`).values).toMatchObject({
      'o/i/tests': 2,
      'o/tests': 2,
      'o/skipped': 1,
    });
  });

  test('is taken from the suites where there is no case', () => {
    const text = `<testsuites>${suite('name="a" tests="3" failures="1"')}${suite('name="b" tests="2"')}</testsuites>`;
    expect(read(text).values).toMatchObject({ 'total/tests': 5, 'total/failures': 1 });
  });

  test('is left out: names', () => {
    const values = read(suite('tests="1"', '<testcase time="2"/>')).values;
    expect(Object.keys(values)).toEqual(['total/tests', 'total/failures', 'total/errors', 'total/skipped']);
  });
});

test('what has one name is added up, with a note', () => {
  const twice = suite('name="s" tests="1" time="2"', '<testcase classname="c" name="t" time="1.5"/>');
  const { values, notes } = read(`<testsuites>${twice}${twice}</testsuites>`);
  expect(values).toMatchObject({ 's/tests': 2, 's/time': 4, 'c.t/time': 3, 'total/time': 4 });
  expect(notes).toContain('s/tests comes more than once and is added up');
});

test('a case that GoogleTest did not run is skipped', () => {
  const { values } = read(suite('name="s"', '<testcase name="t" status="notrun" time="0"/>'));
  expect(values).toMatchObject({ 's/skipped': 1 });
  expect(values).not.toHaveProperty('t/time');
});

describe('times', () => {
  test.each([
    ['a decimal comma that another one gives away', ['1,234', '0,5'], { 't0/time': 1.234, 't1/time': 0.5 }],
    ['a decimal point that another one gives away', ['1,234', '0.5'], { 't0/time': 1234, 't1/time': 0.5 }],
    ['both, each clear by itself', ['0,5', '0.5'], { 't0/time': 0.5, 't1/time': 0.5 }],
    ['an exponent', ['8.5E-4'], { 't0/time': 0.00085 }],
  ])('with %s', (_sentence, texts, wanted) => {
    expect(read(times(...texts)).values).toMatchObject(wanted);
  });

  test.each([
    ['1,234', '"1,234"'],
    ['soon', '"soon"'],
    ['', '""'],
  ])('such as %j are left out and told', (text, shown) => {
    const { values, notes } = read(times(text));
    expect(values).not.toHaveProperty('t0/time');
    expect(notes).toEqual([`t0/time is ${shown}, no plain number of seconds`]);
  });
});

describe('entities', () => {
  test('that every XML text knows, and characters by number, are read', () => {
    const { values } = read(suite('name="&lt;&gt;&amp;&quot;&apos;&#65;&#x1F600;"'));
    expect(values).toHaveProperty(`<>&"'A\u{1F600}/tests`);
  });

  test('of any other kind stand as they are written', () => {
    const { values } = read(suite('name="&nbsp;&#0;&#xD800;&#x110000;&lt&constructor;"'));
    expect(values).toHaveProperty('&nbsp;&#0;&#xD800;&#x110000;&lt&constructor;/tests');
  });

  test.each([
    ['of a billion laughs', '<!DOCTYPE t [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><testsuite name="&b;"/>'],
    ['of a file', '<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite name="&x;"/>'],
    ['of a document type elsewhere', '<!DOCTYPE t SYSTEM "http://host/t.dtd"><testsuite/>'],
    ['declared by themselves', '<!ENTITY a "ha"><testsuite/>'],
  ])('%s are refused before any is looked at', (_sentence, text) => {
    expect(decodeJunit(bytes(text))).toEqual({
      problem: 'line 1 declares a document type; such a file is not read, leave it out',
    });
  });
});

describe('a problem', () => {
  test.each([
    [
      'cut short in an element',
      '<testsuites>\n<testsuite name="a">',
      'ends before </testsuite> of line 2: it is cut short',
    ],
    [
      'cut short in a tag',
      '<testsuite name="a',
      'line 1 has <testsuite with something that is no attribute, or it is cut short',
    ],
    [
      'cut short in a comment',
      '<testsuite/>\n<!-- tests',
      'line 2 has <!-- without -->: the text is cut short',
    ],
    ['cut short in text', '<testsuite><![CDATA[', 'line 1 has <![CDATA[ without ]]>: the text is cut short'],
    ['crossed', '<testsuite><testcase></testsuite>', 'line 1 closes <testsuite>, wanted </testcase>'],
    ['closed twice', '<testsuite/></testsuite>', 'line 1 closes <testsuite>, wanted nothing'],
    [
      'two reports in one file',
      '<testsuite/>\n<testsuite/>',
      'line 2 begins a second document with <testsuite>',
    ],
    ['an attribute twice', '<testsuite name="a" name="b"/>', 'line 1 has the attribute name twice'],
    ['a mark that begins nothing', '<testsuite>1 < 2</testsuite>', 'line 1 has a < that begins nothing'],
    [
      'another document',
      '<html/>',
      'has the root <html>; wanted <testsuites> or <testsuite>, as JUnit reports have',
    ],
    ['no document', 'tests passed', 'has no element; wanted XML'],
    ['nothing', '', 'has no element; wanted XML'],
    [
      'an encoding of others',
      '<?xml version="1.0" encoding="EBCDIC"?><testsuite/>',
      'is in the encoding "EBCDIC"; wanted UTF-8',
    ],
  ])('is a report that is %s', (_sentence, text, problem) => {
    expect(decodeJunit(bytes(text))).toEqual({ problem });
  });

  test('is a report with more suites than a run has', () => {
    const text = `<testsuites>${'<testsuite name="a"/>'.repeat(25_001)}</testsuites>`;
    expect(decodeJunit(bytes(text))).toHaveProperty(
      'problem',
      'has more than 100000 metrics; those of one run are fewer',
    );
  });
});

test('a report in Latin-1 that says so is read', () => {
  const text = '<?xml version="1.0" encoding="ISO-8859-1"?><testsuite name="caf\xe9"/>';
  expect(read(Uint8Array.from(text, (unit) => unit.charCodeAt(0))).values).toHaveProperty('café/tests');
});

test('suites in suites without end make no names without end', () => {
  const deep = `${'<testsuite name="abcdefgh">'.repeat(20_000)}${'</testsuite>'.repeat(20_000)}`;
  const { values, notes } = read(deep);
  expect(Object.keys(values).every((name) => name.length < 1100)).toBe(true);
  expect(notes.some((note) => note.includes('longer than 1000 characters'))).toBe(true);
});

test('no bytes make it throw', () => {
  const piece = fc.constantFrom(
    '<',
    '>',
    '/',
    '<testsuite',
    '<testcase',
    ' name="a"',
    " time='1,5'",
    '</testsuite>',
    '</testcase>',
    '<!--',
    '-->',
    '<failure/>',
    '&amp;',
    '&#',
    '"',
    '=',
    'é',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.uint8Array({ maxLength: 10 }), (pieces, tail) => {
      const result = decodeJunit(Uint8Array.from([...bytes(pieces.join('')), ...tail]));
      expect('notes' in result || 'problem' in result).toBe(true);
    }),
  );
});
