import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  bytes,
  concat,
  eventFile,
  scalars,
  simpleValue,
  string,
  summaryEvent,
  varint,
} from '../../test/support/tfevents-writer.ts';
import { type ReadOptions, read } from './read.ts';

let top = '';
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'read-'));
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

function plant(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(join(top, path)), { recursive: true });
  writeFileSync(join(top, path), bytes);
}

async function run(paths: string[], options: ReadOptions = {}) {
  const [out, err]: [string[], string[]] = [[], []];
  const io = { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) };
  const places = paths.map((path) => join(top, path));
  const code = await read(places, options, io);
  return { code, out: out.join(''), err: err.join('') };
}

const losses = scalars({ loss: [0.5, 0.25, 0.75] }, { wallTime: 100, every: 10 });
const SIZE = eventFile(losses).length;

describe('read --json', () => {
  test('is the document of the contract', async () => {
    plant('m/tfevents.1', eventFile(losses));
    const { code, out, err } = await run(['m'], { json: true });
    expect([code, err, out.endsWith('\n')]).toEqual([0, '', true]);
    expect(out).toBe(
      `{"runs":[{"run":".","tags":[{"tag":"loss","count":3,"nan":0,"posinf":0,"neginf":0,"removed":0,` +
        `"first":{"step":0,"wall_time":100,"value":0.5},"final":{"step":2,"wall_time":120,"value":0.75},` +
        `"min":0.25,"max":0.75,"mean":0.5,"median":0.5}],` +
        `"files":[{"path":"tfevents.1","bytes":${SIZE},"records":4,"damage":null}]}]}\n`,
    );
  });

  test('names what is not finite, and figures nothing from it', async () => {
    const points = [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    plant('m/tfevents', eventFile(points.map((value, step) => simpleValue('x', step, value, value))));
    const document = JSON.parse((await run(['m'], { json: true })).out);
    expect(document.runs[0].tags[0]).toMatchObject({
      nan: 1,
      posinf: 1,
      neginf: 1,
      first: { step: 0, wall_time: 'NaN', value: 'NaN' },
      final: { step: 2, wall_time: 'Infinity', value: 'Infinity' },
      min: null,
      max: null,
      mean: null,
      median: null,
    });
  });

  test('has all runs of all paths in the order given, each relative to its path', async () => {
    plant('a/train/tfevents', eventFile(losses));
    plant('a/tfevents', eventFile([]));
    plant('b/tfevents', eventFile(losses));
    const document = JSON.parse((await run(['b', 'a', 'a/train/tfevents'], { json: true })).out);
    type Run = { run: string; files: { path: string }[]; tags: unknown[] };
    expect(document.runs.map((one: Run) => [one.run, one.files[0]?.path, one.tags.length])).toEqual([
      ['.', 'tfevents', 1],
      ['.', 'tfevents', 0],
      ['train', 'train/tfevents', 1],
      ['.', 'tfevents', 1],
    ]);
  });

  test('selects tags by glob', async () => {
    plant(
      'm/tfevents',
      eventFile(scalars({ 'train/loss': [1], 'train/acc': [2], loss: [3], __proto__x: [4] })),
    );
    const document = JSON.parse((await run(['m'], { json: true, tag: '*/loss' })).out);
    expect(document.runs[0].tags.map((one: { tag: string }) => one.tag)).toEqual(['train/loss']);
  });

  test('applies the restart policy asked for', async () => {
    const steps = [0, 1, 2, 1].map((step) => simpleValue('loss', step, step));
    plant('m/tfevents', eventFile(steps));
    const counts = async (options: ReadOptions) => {
      const [tag] = JSON.parse((await run(['m'], { json: true, ...options })).out).runs[0].tags;
      return [tag.count, tag.removed];
    };
    expect(await counts({})).toEqual([2, 2]);
    expect(await counts({ restart: 'keep' })).toEqual([4, 0]);
    expect(await counts({ restart: 'session' })).toEqual([4, 0]);
  });
});

describe('damage', () => {
  beforeEach(() => plant('m/tfevents', concat([eventFile(losses), Uint8Array.of(1, 2)])));

  test('is in the document, and is exit 1 only with --strict', async () => {
    const plainly = await run(['m'], { json: true });
    expect(plainly).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(plainly.out).runs[0].files[0].damage).toEqual({
      offset: SIZE,
      kind: 'truncated',
      records_skipped: 0,
    });
    expect(await run(['m'], { json: true, strict: true })).toEqual({ ...plainly, code: 1 });
    plant('sound/tfevents', eventFile(losses));
    expect(await run(['sound'], { json: true, strict: true })).toMatchObject({ code: 0 });
  });

  test('is said where the answer has no place for it', async () => {
    expect((await run(['m'], { points: true })).err).toBe(
      `tidemark: "tfevents" is damaged: truncated at byte ${SIZE}; 2 of ${SIZE + 2} bytes are of no use.\n`,
    );
  });
});

test('--points is a line for each point', async () => {
  plant(
    'm/a "b"/tfevents',
    eventFile([simpleValue('lo\nss', 0, 0.5, 7), simpleValue('lo\nss', 1, Number.NaN, 8)]),
  );
  expect((await run(['m'], { points: true })).out.split('\n')).toEqual([
    '{"run":"a \\"b\\"","tag":"lo\\nss","step":0,"wall_time":7,"value":0.5}',
    '{"run":"a \\"b\\"","tag":"lo\\nss","step":1,"wall_time":8,"value":"NaN"}',
    '',
  ]);
});

describe('--csv', () => {
  test('is a line for each tag, whatever its name', async () => {
    const lives = [0, 1, 2, 1].map((step) => simpleValue('a,"b"', step, step, step));
    plant('m/tfevents', eventFile([...lives, simpleValue('nan', 0, Number.NaN, 7)]));
    expect((await run(['m'], { csv: true })).out.split('\r\n')).toEqual([
      'run,tag,count,nan,posinf,neginf,removed,first_step,first_wall_time,first_value,' +
        'final_step,final_wall_time,final_value,min,max,mean,median',
      '.,"a,""b""",2,0,0,0,2,0,0,0,1,1,1,0,1,0.5,0.5',
      '.,nan,1,1,0,0,0,0,7,NaN,0,7,NaN,,,,',
      '',
    ]);
  });

  test('with --points is a line for each point', async () => {
    plant('m/tfevents', eventFile([simpleValue('a,b', 0, 0.5, 7), simpleValue('a,b', 1, -Infinity, 8)]));
    expect((await run(['m'], { csv: true, points: true })).out).toBe(
      'run,tag,step,wall_time,value\r\n.,"a,b",0,7,0.5\r\n.,"a,b",1,8,-Infinity\r\n',
    );
  });
});

test('--points loses none of many', async () => {
  const values = Array.from({ length: 3000 }, (_, at) => at / 8);
  plant('m/tfevents', eventFile(scalars({ loss: values })));
  const lines = (await run(['m'], { points: true })).out.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).value)).toEqual(values);
});

describe('the table', () => {
  test('shows a row for each tag under its run', async () => {
    plant('m/train/tfevents', eventFile(scalars({ loss: [0.1, 0.2], accuracy: [1, Number.NaN] })));
    expect((await run(['m'])).out.split('\n').map((line) => line.split(/\s\s+/))).toEqual([
      ['train'],
      ['tag', 'points', 'first', 'last', 'min', 'max', 'mean', 'median', 'not finite', 'course'],
      ['accuracy', '2', '1', 'NaN', '1', '1', '1', '1', '1', '▄·'],
      ['loss', '2', '0.1', '0.2', '0.1', '0.2', '0.15', '0.15', '▁█'],
      [''],
    ]);
  });

  test('shows how many points a restart took out, and the course of many by their means', async () => {
    const rising = Array.from({ length: 2400 }, (_, at) => simpleValue('loss', at, at));
    plant('m/tfevents', eventFile([...rising, simpleValue('loss', 2399, 2399)]));
    const { out } = await run(['m']);
    expect(out).toMatch(/removed {2}course\n/);
    expect(out.trimEnd().split(/\s\s+/).slice(-2)).toEqual(['1', '▁▁▁▂▂▂▃▃▃▄▄▄▅▅▅▆▆▆▇▇▇███']);
  });

  test('obeys no tag', async () => {
    const tags = ['\x1b[31mred', 'new\nline', 'nul\0', '\u202eesrever', '\x9bcsi', '', 'x'.repeat(4000)];
    plant('m/tfevents', eventFile(tags.map((tag) => simpleValue(tag, 0, 1))));
    const { out } = await run(['m']);
    expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(out).toContain('\\u001b[31mred');
    expect(out).toContain('new\\u000aline');
    expect(out).toContain('""');
    expect(out.trimEnd().split('\n')).toHaveLength(2 + tags.length);
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThan(250);
  });
});

describe('a damaged length', () => {
  const damaged = () => {
    const bytes = eventFile(losses);
    bytes[frameAt(bytes, 2)]! ^= 1;
    return bytes;
  };

  test('ends the reading, unless the next record is looked for', async () => {
    plant('m/tfevents', damaged());
    const counted = async (options: ReadOptions) => {
      const { out, err } = await run(['m'], { ...options, json: true });
      return [JSON.parse(out).runs[0].tags[0].count, err];
    };
    expect(await counted({})).toEqual([1, '']);
    const found = 'tidemark: "tfevents": records were found again once behind damage.\n';
    expect(await counted({ resync: true })).toEqual([2, found]);
    expect(await counted({ resync: 1 })).toEqual([2, found]);
  });
});

/** Where the record with that number begins. */
function frameAt(bytes: Uint8Array, number: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let at = 0;
  for (let record = 0; record < number; record++) at += 16 + view.getUint32(at, true);
  return at;
}

test('a file of another kind is called by its name', async () => {
  plant('m/tfevents', Uint8Array.of(0x1f, 0x8b, 8, ...new Uint8Array(40)));
  const { err } = await run(['m'], { json: true });
  expect(err).toBe('tidemark: "tfevents" begins like gzip.\n');
});

test('what was not verified is said', async () => {
  plant('m/tfevents', eventFile(losses));
  const { err } = await run(['m'], { json: true, verify: 'length' });
  expect(err).toMatch(/^tidemark: "tfevents": \d+ bytes were not verified\.\n$/);
});

test('tensors that are no scalars are told to people, and steps that are rounded to all', async () => {
  const text = concat([string(1, 'note'), bytes(8, concat([varint(1, 7), string(8, 'hello')]))]);
  plant('m/tfevents', eventFile([simpleValue('loss', 2n ** 53n + 1n, 1), summaryEvent(1, 5, [text])]));
  const rounded = 'tidemark: "tfevents": points whose steps beyond 2^53 are rounded: 1.\n';
  expect((await run(['m'], { json: true })).err).toBe(rounded);
  const { err } = await run(['m']);
  expect(err).toBe(`${rounded}tidemark: "tfevents": tensors that are no scalars: 1.\n`);
});

test('points of one step can be merged', async () => {
  plant('m/tfevents', eventFile([0, 1, 1].map((step, at) => simpleValue('loss', step, at))));
  const options: ReadOptions = { json: true, restart: 'keep', duplicates: 'mean' };
  const [tag] = JSON.parse((await run(['m'], options)).out).runs[0].tags;
  expect(tag).toMatchObject({ count: 2, removed: 1, final: { step: 1, value: 1.5 } });
});

describe('what cannot be read', () => {
  test.each([
    ['none', 'there is no such file or folder'],
    ['m/notes.txt', 'it is no event file, whose name would contain "tfevents"'],
  ])('%s is exit 2 and one sentence', async (path, reason) => {
    plant('m/notes.txt', new Uint8Array(3));
    plant('m/tfevents', eventFile(losses));
    expect(await run(['m', path], { json: true })).toEqual({
      code: 2,
      out: '',
      err: `tidemark: Cannot read "${join(top, path)}": ${reason}.\n`,
    });
  });

  test('a folder without event files is an empty answer that says so', async () => {
    plant('m/notes.txt', new Uint8Array(3));
    const { code, out, err } = await run(['m'], { json: true });
    expect([code, out]).toEqual([0, '{"runs":[]}\n']);
    expect(err).toBe(`tidemark: There are no event files in "${join(top, 'm')}".\n`);
  });

  test('a folder in place of a file is told, and is damage to --strict', async () => {
    plant('m/a.tfevents/notes.txt', new Uint8Array(3));
    const { code, err } = await run(['m'], { json: true, strict: true });
    expect(code).toBe(1);
    expect(err).toContain('tidemark: Skipped "a.tfevents": it is a folder, without event files.\n');
  });
});
