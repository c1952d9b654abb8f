import { wrapperContract } from '../contracts/wrapper.ts';
import { shellWrapper, withShell } from '../support/sh-wrapper.ts';

withShell('dash', (shell) => wrapperContract('tidemark-run under dash', shellWrapper(shell)));
