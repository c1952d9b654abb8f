/** A fenced block of a Markdown page. */
export interface Fence {
  readonly language: string;
  /** Exit code that `exit=N` behind the language announces, else 0. */
  readonly exit: number;
  readonly text: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
}

/** Something a page points at. */
export interface Mention {
  readonly target: string;
  readonly line: number;
}

interface Line {
  readonly text: string;
  readonly number: number;
}

interface Page {
  readonly fences: readonly Fence[];
  /** Lines outside of fences. */
  readonly prose: readonly Line[];
}

/** Splits a page into fences, their indentation taken away, and prose. A fence left open is an error. */
export function readPage(text: string): Page {
  const fences: Fence[] = [];
  const prose: Line[] = [];
  let open: { fence: Fence; mark: string; indent: number; lines: string[] } | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    const mark = /^(\s*)(`{3,}|~{3,})(.*)$/.exec(line);
    if (open === null) {
      if (mark === null) prose.push({ text: line, number: index + 1 });
      else
        open = {
          fence: opening(mark[3] ?? '', index + 1),
          mark: mark[2]!,
          indent: mark[1]!.length,
          lines: [],
        };
    } else if (mark?.[2]?.startsWith(open.mark) && mark[3]?.trim() === '') {
      fences.push({ ...open.fence, text: open.lines.join('\n') });
      open = null;
    } else {
      open.lines.push(line.slice(Math.min(open.indent, line.length - line.trimStart().length)));
    }
  }
  if (open !== null) throw new Error(`the fence of line ${open.fence.line} is never closed`);
  return { fences, prose };
}

function opening(info: string, line: number): Fence {
  const [language = '', ...words] = info.trim().split(/\s+/);
  const exits = words.map((word) => /^exit=(\d+)$/.exec(word)?.[1]);
  const unknown = words.find((_word, index) => exits[index] === undefined);
  if (unknown !== undefined)
    throw new Error(`the fence of line ${line} says "${unknown}"; only exit=N is known`);
  return { language, exit: Number(exits[0] ?? 0), text: '', line };
}

/** Where the links and images of the prose point, those with a scheme left out. */
export function relativeLinks(prose: readonly Line[]): Mention[] {
  return prose.flatMap(({ text, number }) => {
    const bare = text.replace(/`[^`]*`/g, '');
    const inline = [...bare.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)];
    const reference = [...bare.matchAll(/^\s*\[[^\]]+\]:\s*(\S+)/g)];
    return [...inline, ...reference]
      .map((match) => ({ target: match[1]!, line: number }))
      .filter(({ target }) => !/^[a-z][a-z+.-]*:/i.test(target));
  });
}

const FILE =
  /^(?:[\w@.-]+\/)+[\w@.-]+\.(?:ts|js|json|jsonl|ya?ml|md|sql|proto|tf|jsonnet|libsonnet|sh|py|svg|png|html)$/;
// What a build or a run makes is not in the repository.
const MADE = /^(?:dist|node_modules|\.tidemark|state)\//;

/** Backticked words of the prose that look like a file of the repository: folders and a known extension. */
export function namedFiles(prose: readonly Line[]): Mention[] {
  return prose.flatMap(({ text, number }) =>
    [...text.matchAll(/`([^`]+)`/g)]
      .map((match) => ({ target: match[1]!.replace(/^\.\//, ''), line: number }))
      .filter(({ target }) => FILE.test(target) && !MADE.test(target)),
  );
}

/** The anchors of a page's headings, as code hosts make them. */
export function anchors(prose: readonly Line[]): string[] {
  const seen = new Map<string, number>();
  return prose.flatMap(({ text }) => {
    const title = /^#{1,6}\s+(.*?)\s*#*$/.exec(text)?.[1];
    if (title === undefined) return [];
    const words = title.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = words.replace(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-');
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return [times === 0 ? slug : `${slug}-${times}`];
  });
}
