import { decisionJson } from '../../../desks/requests/request-json.ts'
import { CodedError } from '../../../ground/errors.ts'
import type { DecisionOutcome } from '../../../work/requests/request.ts'
import { type Cli, type CommonOptions, print, printNote, withApp } from '../context.ts'
import { commandLineViewer } from '../held/command-line-viewer.ts'
import { safeJson } from '../held/safe-json.ts'

export interface DecideOptions extends CommonOptions {
  readonly note?: string
}

/** Approves or refuses a request. @throws CodedError where nothing was decided, or an approval released nothing */
export async function decideRequest(
  cli: Cli,
  verb: 'approve' | 'refuse',
  id: string,
  options: DecideOptions,
): Promise<void> {
  const outcome = await withApp(cli, options, async app => {
    await app.check()
    return app.requests[verb](commandLineViewer(), id, { note: options.note })
  })
  if (options.json) print(safeJson(decisionJson(outcome)))
  const { release } = outcome
  if (release?.status === 'failed') {
    const code = release.code ?? 'AMAVISD_REFUSED'
    throw new CodedError(code, code === 'MESSAGE_GONE' ? GONE : NOT_RELEASED)
  }
  printNote(wordsOf(outcome))
}

const NOT_RELEASED =
  'It is approved, but the message was not released. Release it with "amavis-digest release MAIL_ID --recipient ADDRESS"; "requests list --state approved" shows both.'

const GONE =
  'It is approved, but amavisd no longer has the message. Who asked is told by mail; only its sender can send it again.'

function wordsOf({ decision, release }: DecisionOutcome): string {
  if (decision === 'refused')
    return 'Refused. The message stays in the quarantine; who asked is told by mail.'
  if (decision === 'first') return 'Approved. A second admin has to approve it, too, before it is released.'
  return release?.status === 'queued'
    ? 'Approved. amavisd could not release it now; a running "amavis-digest serve" keeps asking.'
    : 'Approved and released. Who asked is told by mail.'
}
