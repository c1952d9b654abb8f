import type { Episode } from './episodes/episode.ts';
import type { Notice } from './episodes/notice.ts';

/** A silence as a mail names it. Times are milliseconds since the epoch. */
export interface SilenceLine {
  readonly id: string;
  /** As a person wrote it: `test=bert-*`, `label.team=perf`. */
  readonly matcher: string;
  readonly by: string;
  readonly until: number;
  readonly note: string | null;
}

/** What many tests that went bad together have in common. */
export interface CommonCause {
  /** Name of the label they share: `image`, `cluster`, … */
  readonly label: string;
  readonly value: string;
  readonly incidentId: string;
}

/** What every mail has, whatever it is about. */
export interface MailFrame {
  /** Hex digest that identifies the mail. */
  readonly key: string;
  readonly from: string;
  readonly to: readonly string[];
  /** Milliseconds since the epoch, the mail's `Date`. */
  readonly date: number;
  /** Every mail of a thread answers the same root, `<threadId@domain of from>`; null for a mail that stands alone. */
  readonly threadId: string | null;
  /**
   * The subject of the thread's first mail to these addresses, where there was one: a thread only stays together
   * under one subject. Null lets the mail make its own, which is the same for the same episodes.
   */
  readonly subject: string | null;
  /** Why this address hears of it, a whole sentence without "You get this mail because": `tidemark.yaml names you as owner of this test`. */
  readonly why: string;
  /** Silences that end within the day; named at the end of the mail. */
  readonly silences: readonly SilenceLine[];
  /** The config file as the person knows it. */
  readonly configFile: string;
  /** What to type before a command, with the options that find this state: `tidemark --state x`. */
  readonly command: string;
}

/**
 * A mail about episodes. `test`: one test, everything about it. `digest`: many tests, one row each. `incident`: many
 * tests with something in common, which stands on top. `reminder`: what is still open, worst first.
 */
export interface NoticesMail extends MailFrame {
  readonly kind: 'test' | 'digest' | 'incident' | 'reminder';
  /** What is told, in any order; at least one. */
  readonly notices: readonly Notice[];
  /** Only of an `incident`. */
  readonly cause: CommonCause | null;
  /** Episodes of the same tests that are still open and not told of anew: a line each. */
  readonly stillOpen: readonly Episode[];
  /** Threads beside its own in which something ends with it: it answers their roots, too. */
  readonly alsoEnds?: readonly string[];
}

/** How often a test, or one rule of it, raised a suspicion that came to nothing. */
export interface NoiseLine {
  readonly testName: string;
  /** `metric:<name>` of one rule, or null for the whole test. */
  readonly signal: string | null;
  readonly suspects: number;
  /** Of these, closed as noise. */
  readonly noise: number;
  /** What would help, as an imperative sentence; null where nothing is known. */
  readonly suggestion: string | null;
}

/** What happened between two moments, in milliseconds since the epoch. */
export interface WeekSummary {
  readonly from: number;
  readonly until: number;
  /** Tests and runs that were judged. */
  readonly tests: number;
  readonly runs: number;
  /** Open at the end; those that fired in the time; those that closed in it, `noise` not among them. */
  readonly open: readonly Episode[];
  readonly fired: readonly Episode[];
  readonly closed: readonly Episode[];
  /** Improvements that began in the time; they are in none of the lists above. */
  readonly improved?: readonly Episode[];
  /** Tests with a suspicion, noisiest first; and the five noisiest rules. */
  readonly noise: readonly NoiseLine[];
  readonly noisyRules: readonly NoiseLine[];
  /** Tests that have too few runs to be judged by their history. */
  readonly learning: readonly string[];
  /** Tests that only the fallback addresses hear of. */
  readonly unrouted: readonly string[];
}

/** The summary of a week; sent when all is well, too, so that silence never has to mean "fine". */
export interface WeeklyMail extends MailFrame {
  readonly kind: 'weekly';
  readonly week: WeekSummary;
}

/** What a mail is to be made of. */
export type MailRequest = NoticesMail | WeeklyMail;
