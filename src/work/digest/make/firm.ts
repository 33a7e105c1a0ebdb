import type { ExpressionBuilder } from 'kysely'
import type { DigestTable, StateTables } from '../../../ground/state/state-tables.ts'

/** Why a digest goes out although its reader has paused since it was made; null: it does not. */
export type Firm = DigestTable['firm']

/** A reader or an admin has asked for it by hand. */
export const ASKED_FOR = 1

/** The answer to an attempt was lost, or whoever made it died: it goes to who was turned off, too. */
export const MAY_HAVE_ARRIVED = 2

/** What is firm stays so: a digest that may have arrived is not less so because somebody asks for it. */
export const firmOnRequest = ({ fn, val }: ExpressionBuilder<StateTables, 'digest_digest'>) =>
  fn.coalesce('firm', val<Firm>(ASKED_FOR))
