import { CodedError, type ErrorCode } from '../../../../ground/errors.ts'
import { parseHeldRef } from '../../../../work/quarantine/held-ref.ts'
import type { QuarantineVisit } from '../quarantine-visit.ts'
import { bulkPath } from './bulk-path.ts'
import { type ListDone, pathWithNotice } from './list-notice.ts'
import type { ListDeps } from './list-page.ts'
import type { ListPlace } from './list-place.ts'

/**
 * Does what the button of a row says, and goes back to the same place of the list. A message to several recipients is
 * done as a bulk, with an outcome for each.
 *
 * @param one `release:REF:ROW`, `delete:REF:ROW` or `restore:REF`
 */
export async function actOnOne(
  { quarantine }: ListDeps,
  visit: QuarantineVisit,
  place: ListPlace,
  one: string,
): Promise<void> {
  const { root, viewer, goTo } = visit
  const { act = '', ref = '', row } = ONE.exec(one)?.groups ?? {}
  const parsed = parseHeldRef(ref)
  if (!parsed) throw new CodedError('BODY_UNREADABLE', 'Expected one=release:MESSAGE, delete: or restore:.')
  if (parsed.rseqnum === undefined && act !== 'restore') {
    const of = { refs: [ref] }
    const id = await quarantine.beginBulk(viewer, {
      act: act === 'delete' ? 'delete' : 'release',
      of,
      confirmed: false,
    })
    return goTo(bulkPath(root, id, place))
  }
  const done = await doOne({ quarantine }, visit, act, ref)
  goTo(pathWithNotice(root, place, { done, of: ref }, row === undefined ? undefined : Number(row)))
}

const ONE = /^(?<act>release|delete|restore):(?<ref>[^:]{1,100})(?::(?<row>\d{1,3}))?$/

async function doOne(
  { quarantine }: Pick<ListDeps, 'quarantine'>,
  { viewer }: QuarantineVisit,
  act: string,
  ref: string,
): Promise<ListDone> {
  if (act === 'delete') return (await quarantine.delete(viewer, ref)).status
  if (act === 'restore') return (await quarantine.restore(viewer, ref)).status
  try {
    return (await quarantine.release(viewer, ref, { confirmed: false, again: false })).status
  } catch (error) {
    const done = error instanceof CodedError ? TOLD_IN_THE_LIST[error.code] : undefined
    if (done) return done
    throw error
  }
}

/** Failures that a notice tells better than a page of their own. */
const TOLD_IN_THE_LIST: Readonly<Partial<Record<ErrorCode, ListDone>>> = {
  CONFIRMATION_REQUIRED: 'confirm',
  POLICY_REFUSED: 'failed',
  MESSAGE_GONE: 'gone',
  HELD_UNKNOWN: 'gone',
}
