import { literalStart } from '../glob.ts';
import { type SourceConfig, sourceKind } from '../schema/source.ts';
import { sourceName } from './clash.ts';
import { fileSource } from './decoders.ts';
import type { SourceResult } from './reading.ts';
import { filled, filledFilter, type TemplateFacts } from './template.ts';

/** What is asked of a server, its placeholders filled; `connection` is one of those in the config file. */
export type RemoteRequest =
  | { readonly kind: 'mlflow'; readonly connection: string; readonly run: string }
  | {
      readonly kind: 'mlflow';
      readonly connection: string;
      /** Its newest run that the filter lets through counts. */
      readonly experiment: string;
      /** In MLflow's language; null: any. */
      readonly filter: string | null;
    }
  | {
      readonly kind: 'sql';
      readonly connection: string;
      readonly query: string;
      /** Texts for $1 and so on. */
      readonly parameters: readonly string[];
    };

/** Where one source of a run is to be read. */
export interface PlannedSource {
  /** As people find it in their config. */
  readonly name: string;
  readonly prefix: string;
  readonly from:
    | { readonly kind: 'files'; readonly place: string; readonly pattern: string; readonly decode: Decode }
    | { readonly kind: 'remote'; readonly request: RemoteRequest }
    /** It cannot be read, in a sentence. */
    | { readonly kind: 'nowhere'; readonly problem: string };
}

type Decode = (bytes: Uint8Array) => SourceResult;

/** A run whose sources are looked for. */
export interface SourcedRun extends TemplateFacts {
  readonly modelDir: string | null;
}

/** Where the sources of a run are, in their order; event files are none of them. */
export function plannedSources(sources: readonly SourceConfig[], run: SourcedRun): PlannedSource[] {
  return sources.flatMap((source, at) => {
    const kind = sourceKind(source);
    if (kind === 'tensorboard') return [];
    const { prefix = '' } = source[kind]!;
    return [{ name: sourceName(source, at), prefix, from: originOf(source, run) }];
  });
}

/** Whether event files are among the sources; they are where no sources are named. */
export function hasEventFiles(sources: readonly SourceConfig[] | null): boolean {
  return sources === null || sources.some(({ tensorboard }) => tensorboard !== undefined);
}

function originOf(source: SourceConfig, run: SourcedRun): PlannedSource['from'] {
  const file = fileSource(source);
  if (file === null) return requestOf(source, run);
  // As much of the path as is certain names the folder, so that nothing beside it is walked through.
  const cut = literalStart(file.path).lastIndexOf('/');
  const place = folderOf(cut < 0 ? '' : file.path.slice(0, cut + 1), run.modelDir);
  if (place === null) {
    return { kind: 'nowhere', problem: `Cannot read "${file.path}": the run named no model_dir` };
  }
  return { kind: 'files', place, pattern: file.path.slice(cut + 1), decode: file.decode };
}

/** A folder that is neither absolute nor a URL lies in the model_dir; `folder` is empty or ends with a slash. */
function folderOf(folder: string, modelDir: string | null): string | null {
  const isWhole = folder.startsWith('/') || /^[a-z][a-z0-9+.-]*:\/\//i.test(folder);
  if (!isWhole && modelDir === null) return null;
  return isWhole ? withoutSlash(folder) : withoutSlash(`${withoutSlash(modelDir ?? '')}/${folder}`);
}

/** The root of a disk stays what it is. */
function withoutSlash(folder: string): string {
  return folder.replace(/(?<=[^/:])\/+$/, '').replace(/^\/+$/, '/');
}

function requestOf({ mlflow, sql }: SourceConfig, run: SourcedRun): PlannedSource['from'] {
  const texts = new Texts(run);
  const request: RemoteRequest =
    sql === undefined
      ? mlflowRequest(mlflow!, texts)
      : {
          kind: 'sql',
          connection: sql.connection,
          query: sql.query,
          parameters: (sql.parameters ?? []).map((parameter) => texts.fill(parameter)),
        };
  const cannot = `Cannot ask ${request.connection}`;
  return texts.problem === null
    ? { kind: 'remote', request }
    : { kind: 'nowhere', problem: `${cannot}: ${texts.problem}` };
}

function mlflowRequest(
  { connection, run, experiment, filter }: NonNullable<SourceConfig['mlflow']>,
  texts: Texts,
): RemoteRequest {
  if (run !== undefined) return { kind: 'mlflow', connection, run: texts.fill(run) };
  return {
    kind: 'mlflow',
    connection,
    experiment: texts.fill(experiment!),
    filter: filter === undefined ? null : texts.fill(filter, filledFilter),
  };
}

/** Fills templates and keeps the first problem. */
class Texts {
  problem: string | null = null;
  private readonly run: SourcedRun;

  constructor(run: SourcedRun) {
    this.run = run;
  }

  fill(template: string, way = filled): string {
    const result = way(template, this.run);
    if ('text' in result) return result.text;
    this.problem ??= result.problem;
    return '';
  }
}
