import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PortError } from '../../ports/error.ts';
import type { Lease } from '../../ports/lease.ts';
import { openError, translateError } from './database.ts';

/**
 * A lock that is an open exclusive transaction in a file of its own: it is free the moment its process is
 * gone, needs no expiry and does not look at any clock.
 */
export function sqliteLease(file: string): Lease {
  return {
    async acquire() {
      const database = open(file);
      try {
        database.exec('BEGIN EXCLUSIVE');
      } catch (error) {
        database.close();
        const translated = translateError(error, file);
        if (translated instanceof PortError && translated.code === 'busy') return null;
        throw translated;
      }
      return {
        // Only the end of this process takes it away.
        lost: new AbortController().signal,
        release: async () => {
          if (database.isOpen) database.close();
        },
      };
    },
  };
}

function open(file: string): DatabaseSync {
  try {
    mkdirSync(dirname(file), { recursive: true });
    return new DatabaseSync(file, { timeout: 0 });
  } catch (error) {
    throw openError(error, file);
  }
}
