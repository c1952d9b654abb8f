import { wrapperContract } from '../contracts/wrapper.ts';
import { shellWrapper, withShell } from '../support/sh-wrapper.ts';

withShell('bash', (shell) => wrapperContract('tidemark-run under bash', shellWrapper(shell)));
