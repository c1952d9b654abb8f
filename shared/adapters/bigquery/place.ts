import { PortError } from '../../ports/error.ts';

/** Where a history lives. */
export interface BigQueryPlace {
  readonly project: string;
  readonly dataset: string;
  /** Where the dataset lies; queries must say it. */
  readonly location: string;
}

const WANTED = 'bigquery://PROJECT/DATASET?location=US';

/** Rules for names: https://cloud.google.com/bigquery/docs/datasets#dataset-naming; a project may have a domain. */
const PROJECT = /^(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]*$/;
const DATASET = /^[A-Za-z0-9_]{1,1024}$/;
const LOCATION = /^[A-Za-z0-9-]{1,64}$/;

/** Reads `bigquery://PROJECT/DATASET?location=US`. Throws PortError `invalid` that says which part is wrong. */
export function bigQueryPlace(url: string): BigQueryPlace {
  const [, project = '', dataset = '', query = ''] =
    /^bigquery:\/\/([^/?#]*)\/([^/?#]*)(?:\?([^#]*))?$/.exec(url) ?? [];
  const refuse = (why: string) =>
    new PortError('invalid', `Cannot use history "${url}": ${why}; wanted ${WANTED}`);
  if (project === '' || dataset === '') throw refuse('it names no project and dataset');
  if (!PROJECT.test(project)) throw refuse(`"${project}" is no project id`);
  if (!DATASET.test(dataset)) throw refuse(`"${dataset}" is no name of a dataset`);
  const given = new URLSearchParams(query);
  for (const key of given.keys()) if (key !== 'location') throw refuse(`it has no parameter "${key}"`);
  const location = given.get('location') ?? 'US';
  if (!LOCATION.test(location)) throw refuse(`"${location}" is no location`);
  return { project, dataset, location };
}
