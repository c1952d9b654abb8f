import { type Problem, show } from '../problem.ts';
import { isLabelValue } from './names.ts';

const WANTED =
  'must be a label value: at most 63 letters, digits, "-", "_" and ".", a letter or digit at both ends';

/** What is wrong with a text that becomes the value of a label; `mayBeEmpty` as Kubernetes itself allows. */
export function labelProblems(path: string, text: unknown, mayBeEmpty = false): Problem[] {
  const isRight = typeof text !== 'string' || (isLabelValue(text) && (mayBeEmpty || text !== ''));
  return isRight ? [] : [{ path, message: `${WANTED}: current value is ${show(text)}` }];
}
