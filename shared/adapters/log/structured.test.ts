import { expect, test } from 'vitest';
import { structuredLog } from './structured.ts';

function logged(work: (log: ReturnType<typeof structuredLog>) => void) {
  const lines: string[] = [];
  work(structuredLog((line) => lines.push(line), { tick_id: 't-1' }));
  expect(lines.every((line) => line.endsWith('\n') && line.indexOf('\n') === line.length - 1)).toBe(true);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('a line is one JSON object with severity, message, fields and labels', () => {
  const [info, warn, error] = logged((log) => {
    log.info('a\nb', { event: 'x' });
    log.warn('w');
    log.error('e');
  });
  expect(info).toStrictEqual({
    event: 'x',
    severity: 'INFO',
    message: 'a\nb',
    'logging.googleapis.com/labels': { tick_id: 't-1' },
  });
  expect([warn!.severity, error!.severity]).toStrictEqual(['WARNING', 'ERROR']);
});

test('only an error of ours carries a stack, with what caused it', () => {
  const [plain, ours] = logged((log) => {
    log.error('Metric `loss` was out of bounds');
    log.error('Cannot judge', { error: new Error('outer', { cause: new TypeError('inner') }) });
  });
  expect(plain).not.toHaveProperty('stack_trace');
  expect(ours!.stack_trace).toMatch(/^Error: outer\n +at [\s\S]+\nCaused by: TypeError: inner\n +at /);
  expect(ours).not.toHaveProperty('error');
});

test('what no entry can hold is cut, and said to be', () => {
  const [line] = logged((log) => log.warn('x'.repeat(1_000_000)));
  expect(JSON.stringify(line).length).toBeLessThan(256 * 1024);
  expect(line!.message).toMatch(/x… \(cut\)$/);
});

test('a field cannot pass itself off as the severity or the message', () => {
  const [line] = logged((log) => log.warn('said', { severity: 'INFO', message: 'other' }));
  expect(line).toMatchObject({ severity: 'WARNING', message: 'said' });
});
