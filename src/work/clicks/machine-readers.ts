import type { Logger } from 'pino'
import { recordAudit } from '../../ground/audit/record.ts'
import type { Database } from '../../ground/database/database.ts'
import type { Meter } from '../../ground/metrics/meter.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'

export interface MachineDeps {
  readonly state: Database<StateTables>
  readonly clock: () => number
  readonly meter: Meter
  readonly log: Logger
}

/**
 * Records that the hidden link of a digest was fetched. No human sees that link, so a machine reads the mail and may
 * follow its other links, too. From now on none of them releases a message without a click on the button.
 */
export async function noteMachine(
  deps: MachineDeps,
  { digestId, reader }: { readonly digestId: string; readonly reader: string },
  remoteAddress: string | null,
): Promise<void> {
  const now = deps.clock()
  if (!(await markFetched(deps.state, digestId, now))) return
  deps.meter.machineSeen()
  deps.log.info({ digest: digestId, reader }, 'a machine reads this digest: its links need the button now')
  const entry = {
    actor: { kind: 'program', name: 'canary', remoteAddress },
    action: 'machine-seen',
    recipient: reader,
    digestId,
    outcome: 'button',
    detail: `digest ${digestId}`,
  } as const
  await recordAudit(deps.state, entry, now)
}

/** Whose digests are asked about. */
export interface MachineQuestion {
  readonly reader: string
  /** Digests that were made before do not count; milliseconds since the epoch. */
  readonly since: number
  /** Asks instead about the copies that went to this address. */
  readonly copiesTo?: string | undefined
}

/**
 * Whether a machine was seen to read any digest that was made for a reader since a message came. One of these digests
 * has listed the message, and a machine that reads one of them reads the others, too. Copies go to another mailbox, with
 * machines of its own.
 *
 * @returns the answer to each of the questions, all from one statement
 */
export async function readByMachines(
  state: Pick<Database<StateTables>, 'sql'>,
  questions: readonly MachineQuestion[],
): Promise<(question: MachineQuestion) => boolean> {
  if (questions.length === 0) return () => false
  const readers = [...new Set(questions.map(({ reader }) => reader))]
  const rows = await state.sql
    .selectFrom('digest_digest')
    .select(['reader', 'created_at', 'copy_of', 'deliver_to'])
    .where('reader', 'in', readers)
    .where('created_at', '>=', Math.min(...questions.map(({ since }) => since)))
    .where('canary_at', 'is not', null)
    .execute()
  return ({ reader, since, copiesTo }) =>
    rows.some(
      row =>
        row.reader === reader &&
        Number(row.created_at) >= since &&
        (copiesTo === undefined ? row.copy_of === null : row.copy_of !== null && row.deliver_to === copiesTo),
    )
}

export const isReadByMachine = async (
  state: Pick<Database<StateTables>, 'sql'>,
  question: MachineQuestion,
): Promise<boolean> => (await readByMachines(state, [question]))(question)

/** @returns whether it is the first time */
async function markFetched(state: Database<StateTables>, digestId: string, now: number): Promise<boolean> {
  const result = await state.sql
    .updateTable('digest_digest')
    .set({ canary_at: now })
    .where('digest_id', '=', digestId)
    .where('canary_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}
