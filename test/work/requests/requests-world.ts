import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { onTestFinished } from 'vitest'
import { requestDesk } from '../../../src/desks/requests/request-desk.ts'
import type { Directory } from '../../../src/ground/directory/directory.ts'
import { DAY, HOUR, MINUTE } from '../../../src/ground/durations.ts'
import { STEP_CHANNEL, type Step } from '../../../src/ground/steps.ts'
import type { AdminViewer } from '../../../src/rules/reach/viewer.ts'
import { asReader } from '../../../src/rules/reach/visitor.ts'
import { itemForViewer } from '../../../src/work/collect/items-of-held.ts'
import { heldFor } from '../../../src/work/quarantine/held-for.ts'
import { askForRelease } from '../../../src/work/requests/ask-for-release.ts'
import { followMessage } from '../../../src/work/requests/follow-message.ts'
import { type SweepRequestsDeps, sweepRequests } from '../../../src/work/requests/sweep-requests.ts'
import { NOW } from '../../embedded/clock.ts'
import { directoryWith } from '../../embedded/directory.ts'
import { type HeldMailSpec, hold, recipientStatus } from '../../embedded/held-mail.ts'
import { embeddedProgram } from '../../embedded/program.ts'
import { signedIn } from '../../embedded/viewers.ts'
import { policiesWith } from '../../standard-policies.ts'

export const ALICE = 'alice@example.com'
export const BOB = 'bob@example.com'
export const SALES = 'sales@example.com'
export const REF = '0.wanted.1'

/** Two readers of one address, a banned message for it, and admins who decide. */
export async function requestsWorld(
  spec: Partial<HeldMailSpec> = {},
  {
    admins = [{ address: 'postmaster@example.com' }],
    requestTerms = { expire: 7 * DAY, mailEvery: 10 * MINUTE, virusNeedsTwo: false },
  }: Partial<Pick<SweepRequestsDeps, 'admins' | 'requestTerms'>> = {},
) {
  const program = await embeddedProgram()
  const directory: Directory = directoryWith({ [SALES]: [ALICE, BOB] })
  const shared = {
    ...program.deps,
    directory,
    policies: {
      ...policiesWith({ banned: 'request', virus: 'request' }),
      virusNeedsTwo: requestTerms.virusNeedsTwo,
    },
    admins,
    requestTerms,
    publicUrl: 'https://quarantine.example.com',
  }
  const deps = { ...shared, afterChange: (heldId: string) => followMessage(shared, heldId) }
  const key = { partitionTag: 0, mailId: 'wanted', rseqnum: 1 }
  await hold(program.storage, {
    recipient: SALES,
    receivedAt: NOW - HOUR,
    mailId: 'wanted',
    content: 'B',
    subject: 'The tool that you asked for',
    ...spec,
  })
  const itemOf = async (reader: string) => {
    const viewer = signedIn(reader)
    const [row] = await heldFor(deps, viewer, REF)
    if (!row) throw new Error('nothing is held')
    return itemForViewer(deps, viewer, row)
  }
  return {
    ...program,
    deps,
    key,
    desk: requestDesk(deps),
    itemOf,
    ask: async (reader: string) =>
      askForRelease(deps, await itemOf(reader), {
        visitor: asReader(reader),
        actor: { kind: 'reader', name: reader, remoteAddress: '192.0.2.7' },
      }),
    /** The only request that waits, as admins of all domains see it. */
    waiting: async () => {
      const { requests } = await requestDesk(deps).list(decider(), { state: 'waiting', limit: 10 })
      return requests.map(({ request }) => request)
    },
    status: async () => (await recipientStatus(program.storage, key)).trim(),
    sweep: () => sweepRequests(deps, new AbortController().signal),
    later: (span: number) => {
      program.time.now += span
    },
    /** The mails to one address, by subject. */
    mailsTo: (address: string) =>
      program.mailer.attempts.filter(({ to }) => to === address).map(({ subject }) => subject),
  }
}

/** An admin who may decide within these domains or, without any, within all. */
export const decider = (name = 'root@example.com', ...domains: readonly string[]): AdminViewer => ({
  as: 'admin',
  actor: { kind: 'admin', name, remoteAddress: '192.0.2.1' },
  reach: domains.length > 0 ? domains : undefined,
  may: ['read', 'release', 'decide'],
})

/** Does something whenever the program passes a step. */
export function atStep(step: Step, act: () => void): void {
  const listener = (message: unknown) => {
    if ((message as { readonly step: string }).step === step) act()
  }
  subscribe(STEP_CHANNEL, listener)
  onTestFinished(() => void unsubscribe(STEP_CHANNEL, listener))
}
