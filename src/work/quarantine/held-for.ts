import type { Kysely } from 'kysely'
import { type HeldRow, type HeldRowsKey, heldRowsOf } from '../../ground/amavis/quarantine/held-rows.ts'
import type { AmavisTables } from '../../ground/amavis/tables.ts'
import type { Directory } from '../../ground/directory/directory.ts'
import { readerAddress } from '../../ground/directory/reader-address.ts'
import { answersFor, isReader } from '../../ground/directory/readers-of.ts'
import { CodedError } from '../../ground/errors.ts'
import { reaches } from '../../rules/reach/reach.ts'
import { type AdminPermission, requireInQuarantine, type Viewer } from '../../rules/reach/viewer.ts'
import { type HeldRef, parseHeldRef } from '../collect/held-ref.ts'
import { heldIdOf } from '../collect/item-id.ts'

export interface HeldForDeps {
  readonly storage: Kysely<AmavisTables>
  /** Its answers may be as old as `directory.refresh`. */
  readonly directory: Directory
}

/**
 * The one authorisation of the quarantine: those rows of a message that the viewer may see. A reader sees those of
 * addresses that the directory says are theirs; who came by a link, those that it names; the help desk, those of the
 * reader's addresses in its domains; an admin of some domains, those of recipients there. What a viewer may not see does not exist for them.
 *
 * @param needs what the viewer must be allowed to do at all
 * @returns never empty; one row where `ref` names a recipient; in the order of `rseqnum`
 * @throws CodedError HELD_UNKNOWN, the same for what is not there and what is not theirs; OUT_OF_REACH;
 * DIRECTORY_UNREACHABLE when nobody knows whose the message is
 */
export async function heldFor(
  deps: HeldForDeps,
  viewer: Viewer,
  ref: HeldRef,
  needs: AdminPermission = 'read',
): Promise<readonly HeldRow[]> {
  requireInQuarantine(viewer, needs)
  const key = parseHeldRef(ref)
  const rows = key ? await visibleRows(deps, viewer, key) : []
  if (rows.length === 0) throw heldUnknown()
  return rows
}

/** As `heldFor`, for one recipient. A reference to a whole message will do if the viewer may see one recipient of it. */
export async function oneHeldFor(
  deps: HeldForDeps,
  viewer: Viewer,
  ref: HeldRef,
  needs: AdminPermission = 'read',
): Promise<HeldRow> {
  const [row, ...others] = await heldFor(deps, viewer, ref, needs)
  if (!row || others.length > 0) throw heldUnknown()
  return row
}

/** What is not theirs must look as if it did not exist. */
const heldUnknown = () =>
  new CodedError(
    'HELD_UNKNOWN',
    'The quarantine has no such message for you. It may have been cleaned up: look at the list.',
  )

/** The rows of `heldFor`; none where the viewer may see none. */
export async function visibleRows(
  deps: HeldForDeps,
  viewer: Viewer,
  key: HeldRowsKey,
): Promise<readonly HeldRow[]> {
  const rows = await heldRowsOf(deps.storage, key)
  if (viewer.as === 'admin') return rows.filter(row => reaches(viewer.reach, addressOf(row)))
  const { only, within, visitor } = viewer
  if (only) return rows.filter(row => only.has(heldIdOf(row)))
  return readBy(
    deps,
    visitor.reader,
    rows.filter(row => reaches(within, addressOf(row))),
  )
}

/** What is no address is in no domain. */
const addressOf = ({ recipient }: HeldRow): string => readerAddress(recipient) ?? ''

async function readBy(
  { directory }: HeldForDeps,
  reader: string,
  rows: readonly HeldRow[],
): Promise<readonly HeldRow[]> {
  const answers = await answersFor(directory, [...new Set(rows.map(({ recipient }) => recipient))])
  const own = rows.filter(({ recipient }) => {
    const answer = answers.get(recipient)
    return answer !== undefined && isReader(answer, reader)
  })
  const isUnanswered = (row: HeldRow) => !answers.has(row.recipient) && addressOf(row) !== ''
  if (own.length === 0 && rows.some(isUnanswered)) throw away()
  return own
}

const away = () =>
  new CodedError(
    'DIRECTORY_UNREACHABLE',
    'The directory that knows whose mail this is cannot be reached. Try again in a minute.',
  )
