/** The label by which a watcher finds the Jobs of tests, with the test's name as value. */
export const TEST_LABEL = 'benchmarkId';

const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;
const LABEL_PREFIX = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;
const OBJECT_NAME = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;
const VARIABLE = /^[A-Za-z_.-][A-Za-z0-9_.-]*$/;
const CRON_WORDS = ['yearly', 'annually', 'monthly', 'weekly', 'daily', 'midnight', 'hourly'];
const CRON_FIELD = /^[0-9A-Za-z*,/?-]+$/;

/** Whether Kubernetes takes a text as the value of a label. */
export const isLabelValue = (text: string) => LABEL_VALUE.test(text);

/** Whether Kubernetes takes a text as the key of a label: a name, or a domain, `/` and a name. */
export function isLabelKey(text: string): boolean {
  const [name = '', prefix, ...more] = text.split('/').reverse();
  if (more.length > 0 || name === '' || !isLabelValue(name)) return false;
  return prefix === undefined || LABEL_PREFIX.test(prefix);
}

/** Whether a text can be the name of an object, but for its length (RFC 1123, subdomain). */
export const isObjectName = (text: string) => OBJECT_NAME.test(text) && !/[.-]\.|\.-/.test(text);

/** Whether a text can be the name of a volume, which is one part of a domain name. */
export const isVolumeName = (text: string) => isObjectName(text) && !text.includes('.') && text.length <= 63;

export const isVariable = (text: string) => VARIABLE.test(text);

/** Five fields, or one of the words with `@`; what the fields mean is the API server's to judge. */
export function isSchedule(text: string): boolean {
  if (text.startsWith('@')) return CRON_WORDS.includes(text.slice(1));
  const fields = text.split(' ').filter((field) => field !== '');
  return fields.length === 5 && fields.every((field) => CRON_FIELD.test(field));
}
