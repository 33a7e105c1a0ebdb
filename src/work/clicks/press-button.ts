import { type AuditEntry, recordAudit } from '../../ground/audit/record.ts'
import type { Database } from '../../ground/database/database.ts'
import { CodedError } from '../../ground/errors.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { Visitor } from '../../rules/reach/visitor.ts'
import { isReadByMachine, type MachineQuestion } from './machine-readers.ts'

export interface ButtonDeps {
  readonly state: Database<StateTables>
  readonly clock: () => number
  /** Whether readers whose digests a machine was seen reading have to press the button. */
  readonly canary: boolean
}

/**
 * Whether only the button of a page may act for a visitor, because a machine was seen to read a digest of this reader
 * or, for who came by a copy, a copy that went to the same address. Somebody who has signed in is no machine.
 *
 * @param since digests that were made before do not count; milliseconds since the epoch
 * @param ask whether a machine was seen; pages that are shown to many at once ask together
 */
export const needsButton = async (
  { state, canary }: Pick<ButtonDeps, 'state' | 'canary'>,
  { by, byCopy }: Visitor,
  reader: string,
  since: number,
  ask = (question: MachineQuestion) => isReadByMachine(state, question),
): Promise<boolean> => by === 'link' && canary && (await ask({ reader, since, copiesTo: byCopy?.deliverTo }))

/** Records that a request lacked the button, and refuses it. @throws CodedError CONFIRMATION_REQUIRED */
export async function refuseWithoutButton(
  { state, clock }: ButtonDeps,
  entry: Omit<AuditEntry, 'outcome' | 'detail'>,
): Promise<never> {
  const outcome = 'CONFIRMATION_REQUIRED'
  const detail = 'a machine was seen reading the digest, and the button was not pressed'
  await recordAudit(state, { ...entry, outcome, detail }, clock())
  throw new CodedError(
    outcome,
    'A machine was seen reading this digest. Press the button on the page, which sends button=yes.',
  )
}
