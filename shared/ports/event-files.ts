/** One file as listed; opaque but for what a reader needs. */
export interface EventFile {
  /** Relative to the folder listed, `/` between parts; `.`-runs have no slash. */
  readonly path: string;
  /** The folder of `path`, `.` for the folder listed. */
  readonly run: string;
  /** Size in bytes when it was listed; nothing behind it is read. */
  readonly bytes: number;
  /** Where `open` finds it. */
  readonly location: string;
}

/** What is under a place. `skipped` are things named like what was asked for that cannot be read, with the reason. */
export interface EventFileListing {
  readonly files: readonly EventFile[];
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

/**
 * Where event files are read from, and the files of other sources.
 *
 * `list(place)`: every regular file under the folder `place` (recursively, hidden folders too) whose base
 * name contains `tfevents`, in byte order of its path (markers such as `.profile-empty` too). A place that is
 * itself a file named so is a listing of that one file, run `.`. An empty folder is an empty listing.
 * Throws PortError `not-found` (nothing there), `invalid` (a file that is no event file), `denied` (outside
 * of what may be read, or not permitted); each message names the place.
 *
 * An object store has no folders: there a folder is the objects whose names begin with it and a slash, and one
 * without any is `not-found`.
 *
 * `find(place, pattern)`: every regular file under the folder `place` whose path relative to it matches the glob
 * (`shared/core/glob.ts`: `*` takes slashes, too), in the same order and with the same errors. A folder without such
 * a file is an empty listing; a place that is a file is `invalid`.
 *
 * `open(file)`: its bytes in order, in chunks of any size, never more than `file.bytes` in all. What was listed
 * is what is read: a file that vanished, shrank or was replaced since ends earlier, or throws PortError
 * `unavailable` where the store can tell; to list again helps. Chunks are only valid until the next one is
 * asked for. A file that was begun is to be read on or left: until then it may keep others waiting.
 * `open(file, from)`: the same from byte `from` on, without reading what lies before; nothing when that is the end.
 */
export interface EventFiles {
  /** How many runs it pays to read at once: 1 where nothing is waited for. */
  readonly concurrency: number;
  list(place: string): Promise<EventFileListing>;
  find(place: string, pattern: string): Promise<EventFileListing>;
  open(file: EventFile, from?: number): AsyncIterable<Uint8Array>;
}
