import type { Outcome } from '../outcome.ts';
import type { Episode, Signal } from './episode.ts';
import { type Finding, type JudgedRun, plainDetails } from './finding.ts';
import type { Says } from './sight.ts';

type EndSignal = Extract<Signal, 'job' | 'infra' | 'schedule'>;

/** What each end says of the job, of its machines, and of the schedule. Somebody who cancels says nothing. */
const END_SAYS: Readonly<Record<Outcome, Readonly<Record<EndSignal, Says>>>> = {
  success: { job: 'good', infra: 'good', schedule: 'good' },
  failure: { job: 'bad', infra: 'good', schedule: 'good' },
  timeout: { job: 'bad', infra: 'good', schedule: 'good' },
  oom: { job: 'bad', infra: 'good', schedule: 'good' },
  // It may have lost its machine or its voice.
  lost: { job: 'bad', infra: 'neutral', schedule: 'good' },
  preempted: { job: 'neutral', infra: 'bad', schedule: 'good' },
  cancelled: { job: 'neutral', infra: 'neutral', schedule: 'good' },
  missed: { job: 'neutral', infra: 'neutral', schedule: 'bad' },
};

/** A machine that is taken away once or twice is how cheap machines are. */
const INFRA_CONFIRM = 3;

const DETAILS: Readonly<Record<EndSignal, Omit<Parameters<typeof plainDetails>[0], 'reason'>>> = {
  job: { severity: 'critical', demand: 'end as success', name: 'job' },
  infra: { severity: 'warning', demand: 'keep its machines', name: 'infra', confirmAfter: INFRA_CONFIRM },
  schedule: { severity: 'warning', demand: 'run as scheduled', name: 'schedule' },
};

const REASONS: Readonly<Record<EndSignal, string>> = {
  job: 'outcome',
  infra: 'preempted',
  schedule: 'missed',
};

/** What the end of a run says of the signals that are not about metrics. `open`: the open episode of a signal. */
export function endFindings({ job, config }: JudgedRun, open: (signal: Signal) => Episode | null): Finding[] {
  const says = END_SAYS[job.outcome];
  const finding = (signal: EndSignal, said: Says): Finding => ({
    signal,
    polarity: 'bad',
    metric: null,
    says: said,
    judge: null,
    details: () => plainDetails({ ...DETAILS[signal], reason: said === 'bad' ? REASONS[signal] : '' }),
  });
  const wanted = (said: Says): Says => (config.alerts.jobs ? said : 'undemanded');
  return [
    finding(
      'schedule',
      says.schedule === 'good' && isStillRunning(open('schedule'), job.uuid) ? 'neutral' : says.schedule,
    ),
    finding('job', wanted(says.job)),
    finding('infra', wanted(says.infra)),
  ];
}

/** The end of another run is no news of one that does not end. */
function isStillRunning(episode: Episode | null, uuid: string): boolean {
  return episode !== null && episode.reason === 'overrun' && episode.lastBad.uuid !== uuid;
}
