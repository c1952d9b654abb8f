/** A container as far as its variables go. */
export interface Container {
  readonly env?: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } };
  }[];
  readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly command?: readonly string[];
  readonly args?: readonly string[];
}

/** What a cluster holds: the data of ConfigMaps by name, and the fields of the Pod by path. */
export interface Surroundings {
  readonly configMaps: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * The variables and arguments that a kubelet starts a container with: ConfigMaps first, then `env` from top to
 * bottom, where each sees those above it (pkg/kubelet/kubelet_pods.go, makeEnvironmentVariables, of 1.36.3).
 */
export function started(container: Container, { configMaps, fields }: Surroundings) {
  const variables = new Map<string, string>();
  for (const { configMapRef } of container.envFrom ?? []) {
    const data = configMaps[configMapRef.name];
    if (data === undefined) throw new Error(`configmap "${configMapRef.name}" not found`);
    for (const [name, value] of Object.entries(data)) variables.set(name, value);
  }
  for (const { name, value = '', valueFrom } of container.env ?? []) {
    const path = valueFrom?.fieldRef.fieldPath;
    if (path !== undefined && !Object.hasOwn(fields, path)) throw new Error(`no field ${path}`);
    variables.set(name, path === undefined ? expand(value, variables) : (fields[path] ?? ''));
  }
  const words = [...(container.command ?? []), ...(container.args ?? [])];
  return { variables, words: words.map((word) => expand(word, variables)) };
}

/** `$(NAME)` where NAME is known, `$$` → `$`; all else as it is (third_party/forked/golang/expansion). */
export function expand(text: string, variables: ReadonlyMap<string, string>): string {
  let out = '';
  for (let at = 0; at < text.length; at++) {
    const close = text[at] === '$' && text[at + 1] === '(' ? text.indexOf(')', at + 2) : -1;
    if (close !== -1) {
      const name = text.slice(at + 2, close);
      out += variables.get(name) ?? `$(${name})`;
      at = close;
    } else {
      out += text[at];
      if (text[at] === '$' && text[at + 1] === '$') at++;
    }
  }
  return out;
}
