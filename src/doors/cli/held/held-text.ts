import { heldReason } from '../../../desks/quarantine/held-reason.ts'
import { displayText } from '../../../ground/display/text.ts'
import { parseHeldRef } from '../../../work/collect/held-ref.ts'
import type { HeldList, ListedHeld } from '../../../work/quarantine/held-list.ts'
import { localTime } from '../local-time.ts'
import { table } from '../table.ts'

/** The lines of `held list`, for people. */
export const listTable = (held: readonly ListedHeld[]): string => table(HEADER, held.map(rowOf))

const HEADER = ['received', 'mail id', 'recipient', 'from', 'subject', 'why', 'state']

const rowOf = (held: ListedHeld): string[] => [
  localTime(held.receivedAt),
  parseHeldRef(held.ref)?.mailId ?? '',
  shown(held.recipient, LONGEST_ADDRESS),
  shown(held.from || held.sender, LONGEST),
  shown(held.subject, LONGEST),
  whyText(held),
  held.state,
]

/** The kind, and what is known beyond it. */
function whyText(held: Pick<ListedHeld, 'kind' | 'because' | 'score'>): string {
  const score = held.score === null ? '' : ` ${held.score}`
  return held.because.detail === 'unknown'
    ? `${held.kind}${score}`
    : `${held.kind}${score}: ${heldReason(held)}`
}

/** Strangers wrote it. It must not affect the terminal. */
const shown = (text: string, longest: number): string => displayText(text, longest)

const LONGEST = 60
const LONGEST_ADDRESS = 320

/** What was looked through, and how to see more. */
export function listNotes(held: readonly ListedHeld[], page: HeldList): string[] {
  const { window, lookedBackTo, isCut, next } = page
  const from = lookedBackTo === undefined || next === undefined ? window.from : lookedBackTo
  const what = held.length === 0 ? 'Nothing was found' : held.length === 1 ? '1 line' : `${held.length} lines`
  return [
    `${what}, received from ${localTime(from)} to ${localTime(window.to)}. ${OLDER}`,
    ...(isCut ? ['Only the newest messages of this time were put in order, because there are more.'] : []),
    ...(next === undefined ? [] : [`There may be more. Go on with: --after ${next}`]),
  ]
}

const OLDER = 'For older mail, add a time to --search, such as after:90d.'
