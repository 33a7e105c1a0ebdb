import { CodedError, type ErrorCode } from '../../../../ground/errors.ts'
import { type HeldRef, wholeMessageOf } from '../../../../work/collect/held-ref.ts'
import type { QuarantineVisit } from '../quarantine-visit.ts'
import { bulkPath } from './bulk-path.ts'
import { type ListDone, pathWithNotice } from './list-notice.ts'
import type { ListDeps } from './list-page.ts'
import type { ListPlace } from './list-place.ts'
import { refsOfRow } from './row-refs.ts'

/**
 * Does what the button of a row says, and goes back to the same place of the list. A message to several recipients is
 * released or deleted as a bulk, with an outcome for each.
 *
 * @param one `release:REFS:ROW`, `delete:REFS:ROW` or `restore:REFS`
 */
export async function actOnOne(
  { quarantine }: ListDeps,
  visit: QuarantineVisit,
  place: ListPlace,
  one: string,
): Promise<void> {
  const { root, viewer, goTo } = visit
  const { act = '', of = '', row } = ONE.exec(one)?.groups ?? {}
  const refs = refsOfRow(of)
  const [ref] = refs
  if (ref === undefined)
    throw new CodedError('BODY_UNREADABLE', 'Expected one=release:MESSAGE, delete: or restore:.')
  if (refs.length > 1 && act !== 'restore') {
    const id = await quarantine.beginBulk(viewer, {
      act: act === 'delete' ? 'delete' : 'release',
      of: { refs },
      confirmed: false,
    })
    return goTo(bulkPath(root, id, place))
  }
  const done =
    act === 'restore' ? await restore(quarantine, visit, refs) : await doOne(quarantine, visit, act, ref)
  const notice = { done, of: refs.length > 1 ? wholeMessageOf(ref) : ref }
  goTo(pathWithNotice(root, place, notice, row === undefined ? undefined : Number(row)))
}

/** A hundred recipients at most. */
const ONE = /^(?<act>release|delete|restore):(?<of>[^:]{1,1200})(?::(?<row>\d{1,3}))?$/

/** One after the other: each is a few statements by the primary key. @returns what became of the last */
async function restore(
  quarantine: ListDeps['quarantine'],
  { viewer }: QuarantineVisit,
  refs: readonly HeldRef[],
): Promise<ListDone> {
  let done: ListDone = 'restored'
  for (const ref of refs) done = await told(quarantine.restore(viewer, ref), TOLD_OF_RESTORING)
  return done
}

async function doOne(
  quarantine: ListDeps['quarantine'],
  { viewer }: QuarantineVisit,
  act: string,
  ref: HeldRef,
): Promise<ListDone> {
  if (act === 'delete') return (await quarantine.delete(viewer, ref)).status
  return told(quarantine.release(viewer, ref, { confirmed: false, again: false }), TOLD_OF_RELEASING)
}

/** What became of it. A notice tells these failures better than a page of their own. */
async function told(acting: Promise<{ readonly status: ListDone }>, failures: Failures): Promise<ListDone> {
  try {
    return (await acting).status
  } catch (error) {
    const done = error instanceof CodedError ? failures[error.code] : undefined
    if (done) return done
    throw error
  }
}

type Failures = Readonly<Partial<Record<ErrorCode, ListDone>>>

const TOLD_OF_RESTORING: Failures = { POLICY_REFUSED: 'not-restored', HELD_UNKNOWN: 'gone' }

const TOLD_OF_RELEASING: Failures = {
  CONFIRMATION_REQUIRED: 'confirm',
  POLICY_REFUSED: 'failed',
  MESSAGE_GONE: 'gone',
  HELD_UNKNOWN: 'gone',
}
