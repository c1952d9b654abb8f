import type { Problem } from '../problem.ts';
import { metricConfigText } from './metric-config.ts';
import type { Test } from './whole-test.ts';

/** Linux takes no longer text as one argument or `NAME=value` of a new process (MAX_ARG_STRLEN, final zero included). */
const MOST_BYTES = 131_071;

const bytesOf = (text: string) => new TextEncoder().encode(text).length;

/** Texts that no container could be started with. */
export function sizeMistakes(test: Test): Problem[] {
  const { command, entrypoint = [], env = {} } = test.definition;
  const config = bytesOf(metricConfigText(test));
  const forConfig = MOST_BYTES - 'METRIC_CONFIG='.length;
  const words = { command, entrypoint };
  return [
    ...tooLong('regressionTestConfig', { bytes: config, most: forConfig, verb: 'makes a METRIC_CONFIG of' }),
    ...Object.entries(words).flatMap(([field, list]) =>
      list.flatMap((word, index) =>
        tooLong(`${field}.${index}`, { bytes: bytesOf(word), most: MOST_BYTES, verb: 'has' }),
      ),
    ),
    ...Object.entries(env).flatMap(([name, value]) =>
      tooLong(`env.${name}`, { bytes: bytesOf(value), most: MOST_BYTES - bytesOf(`${name}=`), verb: 'has' }),
    ),
  ];
}

function tooLong(path: string, size: { bytes: number; most: number; verb: string }): Problem[] {
  const message = `${size.verb} ${size.bytes} bytes; a container takes at most ${size.most}`;
  return size.bytes > size.most ? [{ path, message }] : [];
}
