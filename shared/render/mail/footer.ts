import type { Notice } from '../../core/episodes/notice.ts';
import type { MailFrame, SilenceLine } from '../../core/mail-request.ts';
import { shown, timeText } from './words.ts';

/** What stands at the end of a mail: silences that end, why it came and how to stop it. */
export function footerOf(frame: MailFrame, notices: readonly Notice[]): string[] {
  const file = shown(frame.configFile, 200);
  const stop =
    notices.length === 0
      ? `Who gets it, and when, stands under "alerting" in ${file}.`
      : `To stop it: "ack" ends the reminders of one episode, "silence" ends all mails of a test until a day of your choice; who hears of what stands under "alerting" in ${file}.`;
  return [
    ...frame.silences.slice(0, 5).map(silenceText),
    `You get this mail because ${shown(frame.why, 400).replace(/\.$/, '')}.`,
    stop,
  ];
}

function silenceText({ matcher, by, until, note }: SilenceLine): string {
  const why = note === null || note.trim() === '' ? '' : ` ("${shown(note, 160)}")`;
  return `The silence over ${shown(matcher, 120)} by ${shown(by, 80)}${why} ends ${timeText(until)}.`;
}
