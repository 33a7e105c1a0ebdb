import type { ExpressionBuilder } from 'kysely'
import type { DigestTable, StateTables } from '../../../ground/state/state-tables.ts'

/**
 * Why a digest is sent although its reader has paused since it was made; null when it is not. The column is called
 * `firm`.
 */
export type SendAnyway = DigestTable['firm']

/** A reader or an admin asked for it. */
export const ASKED_FOR = 1

/**
 * The answer to an attempt was lost, or the process that made the attempt died. Such a digest goes even to a reader
 * whose digests have been turned off.
 */
export const MAY_HAVE_ARRIVED = 2

/** The value of `firm` once somebody asks for the digest. It keeps MAY_HAVE_ARRIVED, which is the stronger reason. */
export const sendAnywayOnceAskedFor = ({ fn, val }: ExpressionBuilder<StateTables, 'digest_digest'>) =>
  fn.coalesce('firm', val<SendAnyway>(ASKED_FOR))
