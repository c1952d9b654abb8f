// Plain JavaScript, so that any Node can run it and say what is missing in one sentence.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    `Tidemark needs Node 24 or newer and this is ${process.version}; run "npm ci" without --ignore-scripts, which installs it for the project's npm scripts.`,
  );
  process.exit(2);
}
