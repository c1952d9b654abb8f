/** Every name of a run is a row of its history; more in one file are no metrics of a run but data. */
export const MOST_NAMES = 100_000;
/** Points are held until the end of a file. */
export const MOST_POINTS = 1_000_000;

/** What is said of a file that goes beyond one of them. */
export const TOO_MANY_NAMES = `has more than ${MOST_NAMES} metrics; those of one run are fewer`;
export const TOO_MANY_POINTS = `has more than ${MOST_POINTS} numbers; name fewer columns, or keep less`;
