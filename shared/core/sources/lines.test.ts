import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeLines } from './lines.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const fixture = (name: string) =>
  readFileSync(new URL(`../../../test/fixtures/sources/lines/${name}`, import.meta.url));

function read(text: string | Uint8Array) {
  const result = decodeLines(typeof text === 'string' ? bytes(text) : text);
  if ('problem' in result) throw new Error(result.problem);
  return result;
}

/** `name@step=value` of every point. */
const shown = (text: string) => read(text).points.map(({ name, step, value }) => `${name}@${step}=${value}`);

describe('name=number', () => {
  test.each([
    ['one', 'loss=0.25\n', ['loss@0=0.25']],
    [
      'several a line',
      'epoch=3 loss=0.25, acc=0.9; t=1e-3\n',
      ['epoch@0=3', 'loss@0=0.25', 'acc@0=0.9', 't@0=0.001'],
    ],
    ['on lines one after the other', 'loss=2\nloss=1\n', ['loss@0=2', 'loss@1=1']],
    ['with the step of their line', 'loss=2 step=10 acc=1\n', ['loss@10=2', 'acc@10=1']],
    ['as a METRIC line has it', 'METRIC auc=1.23 unit=ms step=10\n', ['auc@10=1.23']],
    ['behind the rank of srun', '4: loss=2\n', ['loss@0=2']],
    ['in colours', '\x1b[1;32mloss\x1b[0m=\x1b[31m0.5\x1b[0m\n', ['loss@0=0.5']],
    ['behind a link of the terminal', '\x1b]8;;http://x\x07loss=1\x1b]8;;\x1b\\\n', ['loss@0=1']],
    ['behind a progress bar', '50%|##| loss=2\r99%|###| loss=1\r\n', ['loss@0=2', 'loss@1=1']],
    ['with thousands apart', "n=1,234,567 m=1,234.5 k=1'000 \n", ['n@0=1234567', 'm@0=1234.5', 'k@0=1000']],
    [
      'that are not finite',
      'a=nan b=NaN c=inf d=-Infinity\n',
      ['a@0=NaN', 'b@0=NaN', 'c@0=Infinity', 'd@0=-Infinity'],
    ],
    ['in brackets', 'done (loss=0.5) [acc=1] {n=2} "q=3"\n', ['loss@0=0.5', 'acc@0=1', 'n@0=2', 'q@0=3']],
    ['with commas and no blanks', 'a=1,b=2\n', ['a@0=1', 'b@0=2']],
    ['at the end of a sentence', 'The loss=0.5.\n', ['loss@0=0.5']],
    ['of names with slashes and dots', 'eval/top-5.acc=1\n', ['eval/top-5.acc@0=1']],
  ])('is read: %s', (_sentence, text, wanted) => expect(shown(text)).toEqual(wanted));

  test.each([
    ['an option of a command', 'train --lr=0.1 -x=3\n'],
    ['a query of a URL', 'GET http://host/q?a=1&b=2\n'],
    ['a comparison', 'if a == 1 or b>=2\n'],
    ['words', 'model=resnet path=/data/1\n'],
    ['a name that begins with a digit', '1st=2\n'],
    ['a step alone', 'step=10\n'],
    ['an assignment of an assignment', 'a=b=1\n'],
  ])('is nothing else: %s', (_sentence, text) => {
    expect(read(text)).toEqual({ values: [], points: [], notes: [] });
  });

  test.each([
    ['a unit', 'acc=98.1%', 'acc is "98.1%"'],
    ['a decimal comma', 'loss=0,25', 'loss is "0,25"'],
    ['two lines that ran into each other', 'loss=0.25loss=0.31', 'loss is "0.25loss=0.31"'],
    ['a rate', 'it=3.2it/s', 'it is "3.2it/s"'],
  ])('that has %s is left out and told', (_sentence, line, told) => {
    const { points, notes } = read(`${line}\nok=1\n`);
    expect(points.map(({ name }) => name)).toEqual(['ok']);
    expect(notes).toEqual([`line 1: ${told}, which is no plain number`]);
  });

  test('of a last line without end is left out, since its number may be cut short', () => {
    const { points, notes } = read('loss=0.25\nloss=0.2');
    expect(points).toHaveLength(1);
    expect(notes).toEqual(['line 2 has no end, so a number in it may be cut short; it is left out']);
    expect(read('loss=0.25\nbye').notes).toEqual([]);
  });

  test('is read around bytes that are no text', () => {
    const { points, notes } = read(Uint8Array.from([...bytes('loss=1\n'), 0xff, 0x0a, ...bytes('loss=2\n')]));
    expect(points.map(({ value }) => value)).toEqual([1, 2]);
    expect(notes).toEqual(['line 2 is not UTF-8; what cannot be read stands as \uFFFD']);
  });

  test('of many bad values tells three and counts the others', () => {
    const { notes } = read('a=1x\n'.repeat(10));
    expect(notes).toHaveLength(4);
    expect(notes[3]).toBe('and 7 more values that are left out');
  });
});

const event = (key: string, value: unknown, more: object = {}) =>
  `:::MLLOG ${JSON.stringify({ namespace: '', time_ms: 1000, event_type: 'POINT_IN_TIME', key, value, metadata: {}, ...more })}`;

describe('the log of MLPerf', () => {
  test('that its own library wrote is read: series by epoch, objects by part, and the time to train', () => {
    const { values, points, notes } = read(fixture('mlperf.log'));
    // 1,250,250 ms lie between run_start and run_stop in mlperf.py, which made the file.
    expect(values).toEqual([{ name: 'time_to_train', value: 1250.25 }]);
    const series = (wanted: string) =>
      points.filter(({ name }) => name === wanted).map(({ step, value }) => [step, value]);
    expect(series('eval_accuracy')).toEqual([
      [1, 0.41],
      [2, 0.62],
      [3, 0.7591],
    ]);
    expect(series('tracked_stats/throughput')).toEqual([
      [1, 25001.5],
      [2, 25002.5],
      [3, 25003.5],
    ]);
    expect(series('seed')).toEqual([[0, 42]]);
    expect(points.find(({ name }) => name === 'eval_accuracy')!.wallTime).toBe(1795421230.5);
    expect(notes).toEqual([]);
  });

  test('is the same behind the ranks of srun and in its older form', () => {
    const text = fixture('mlperf.log').toString();
    const ranked = text.replaceAll(/^/gm, '0: ').replaceAll(':::MLLOG', ':::MLLv0.6.0');
    expect(read(ranked)).toEqual(read(text));
  });

  test.each([
    [
      'that was aborted',
      { status: 'aborted' },
      9000,
      'run_stop says "aborted", so there is no time_to_train',
    ],
    ['whose clock was set back', {}, 500, 'run_stop is before run_start, so there is no time_to_train'],
  ])('of a run %s has no time to train', (_sentence, metadata, time, told) => {
    const stop = event('run_stop', null, { time_ms: time, metadata });
    expect(read(`${event('run_start', null)}\n${stop}\n`)).toEqual({ values: [], points: [], notes: [told] });
  });

  test('of a run that never ended says so', () => {
    expect(read(`${event('run_start', null)}\n`).notes[0]).toContain('no run_stop');
  });

  test('counts from the first start to the last stop', () => {
    const at = (key: string, time: number) => event(key, null, { time_ms: time });
    const lines = [at('run_start', 5000), at('run_start', 2000), at('run_stop', 8000), at('run_stop', 6000)];
    expect(read(`${lines.join('\n')}\n`).values).toEqual([{ name: 'time_to_train', value: 6 }]);
  });

  test('of two processes on one line is read twice, whatever braces their texts hold', () => {
    const two = `${event('note', 'a } b')}${event('a', 1)} and ${event('b', { x: 2, y: '"', z: null })}`;
    expect(shown(`${two}\n`)).toEqual(['a@0=1', 'b/x@0=2']);
  });

  test.each([
    ['cut short', ':::MLLOG {"key": "a", "value": 1'],
    ['no JSON', ':::MLLOG {"key": a}'],
    [
      'of version 0.5, which had another form',
      ':::MLPv0.5.0 resnet 1541640037.58 (train.py:12) eval_accuracy: 0.7',
    ],
    ['without a key', ':::MLLOG {"value": 1}'],
  ])('that is %s is told', (_sentence, line) => {
    const { points, notes } = read(`${line}\na=1\n`);
    expect(points.map(({ name }) => name)).toEqual(['a']);
    expect(notes).toEqual(['line 1 is no whole event of MLPerf; it is left out']);
  });

  test('of more than a million numbers is refused', () => {
    const numbers = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`n${at}`, at]));
    expect(decodeLines(bytes(`${event('a', numbers)}\n`.repeat(101)))).toEqual({
      problem: 'has more than 1000000 numbers; name fewer columns, or keep less',
    });
  });

  test('that is nothing but such events is refused before it costs much', () => {
    expect(decodeLines(bytes(':::MLLOG {"":}\n'.repeat(20_000)))).toEqual({
      problem: 'has more than 10000 events of MLPerf that are not whole',
    });
  });
});

test('no bytes make it throw', () => {
  const piece = fc.constantFrom(
    'a=1',
    '=',
    ',',
    ' ',
    '\n',
    '\r',
    '\x1b[',
    ':::MLLOG ',
    '{"key":',
    '"a"',
    ',"value":1}',
    '1,0',
    'é',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.uint8Array({ maxLength: 20 }), (pieces, tail) => {
      const result = decodeLines(Uint8Array.from([...bytes(pieces.join('')), ...tail]));
      expect('notes' in result || 'problem' in result).toBe(true);
    }),
  );
});
