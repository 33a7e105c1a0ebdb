import type { ReportTransport } from '../amavisd/report-transport.ts'
import { CodedError } from '../errors.ts'
import type { FilterTeacher, TaughtMessage, Verdict } from './filter-teacher.ts'

export interface ReportTeacherOptions {
  readonly transport: ReportTransport
  /** Who gets a message of which verdict. A verdict without an address is not offered. */
  readonly addresses: Readonly<Record<Verdict, string | undefined>>
  /** Milliseconds until amavisd has answered. */
  readonly patience: number
}

/** Teaches whoever reads the mail of an address: amavisd sends it there. */
export function createReportTeacher({ transport, addresses, patience }: ReportTeacherOptions): FilterTeacher {
  return {
    verdicts: VERDICTS.filter(verdict => addresses[verdict] !== undefined),
    patience,
    // Whether amavisd answers is a check of the release; whether the address takes mail shows the first report.
    probe: async () => undefined,
    async teach(message, verdict) {
      const recipient = addresses[verdict]
      if (recipient === undefined)
        throw new CodedError('LEARN_OFF', `Nobody is configured to be told so: see learn.${verdict}.`)
      await report(transport, message, recipient)
    },
  }
}

const VERDICTS: readonly Verdict[] = ['notSpam', 'spam']

async function report(transport: ReportTransport, message: TaughtMessage, recipient: string): Promise<void> {
  const handle = await message.handle()
  if (!handle || handle.quarantineType === '') throw gone()
  const { isDeleted: _, ...question } = handle
  const { outcome, reply } = await transport.report({
    ...question,
    recipient,
    requestedBy: message.requestedBy,
  })
  switch (outcome) {
    case 'released':
      return
    case 'gone':
      throw gone()
    case 'unreachable':
      throw new CodedError(
        'LEARN_FAILED',
        `amavisd could not be asked, or did not answer: ${reply}. Say it again in a minute.`,
      )
    case 'deferred':
    case 'refused':
      throw new CodedError('LEARN_FAILED', `amavisd could not report the message: ${reply}`)
  }
}

const gone = () => new CodedError('MESSAGE_GONE', 'The quarantine no longer has this message.')
