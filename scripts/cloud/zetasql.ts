import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StandIn } from './stand-in.ts';
import { needProgram } from './tools.ts';

const SOURCE = join(import.meta.dirname, 'zetasql');
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
// The second of two protobuf libraries with the same classes, and the library of another system.
const LEFT_OUT = '-DexcludeArtifactIds=protobuf-javalite,zetasql-jni-channel-darwin';

/** Google's own analyser of GoogleSQL, asked whether a statement is legal. No server: each test calls it. */
export const zetasql: StandIn = {
  name: 'zetasql',
  version: '2025.03.1',
  standsInFor: "BigQuery's analyser",
  needs: 'Java 17 or newer (JDK) and Maven',
  async prepare(workshop) {
    const java = needProgram('java', 'a Java development kit, 17 or newer');
    const javac = needProgram('javac', 'a Java development kit, 17 or newer');
    const maven = needProgram('mvn', 'Maven 3');
    const [pom, program] = [join(SOURCE, 'pom.xml'), join(SOURCE, 'Analyse.java')];
    const { folder, how } = await workshop.keep({
      name: this.name,
      version: this.version,
      recipe: [pom, program].map((file) => readFileSync(file, 'utf8')),
      async make(into) {
        const lib = join(into, 'lib');
        await workshop.run([maven, '-B', '-q', '-f', pom, PLUGIN, LEFT_OUT, `-DoutputDirectory=${lib}`]);
        await workshop.run([javac, '-cp', join(lib, '*'), '-d', join(into, 'classes'), program]);
      },
    });
    const path = [join(folder, 'classes'), join(folder, 'lib/*')].join(':');
    return {
      how,
      start: async () => ({ TIDEMARK_TEST_ZETASQL: JSON.stringify([java, '-cp', path, 'Analyse']) }),
    };
  },
};
