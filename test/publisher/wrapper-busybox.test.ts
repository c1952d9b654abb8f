import { wrapperContract } from '../contracts/wrapper.ts';
import { shellWrapper, withShell } from '../support/sh-wrapper.ts';

withShell('busybox', (shell) => wrapperContract('tidemark-run under busybox', shellWrapper(shell)));
