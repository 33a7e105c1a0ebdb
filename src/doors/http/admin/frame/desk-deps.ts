import type { Desk } from '../../../../desks/admin/desk.ts'

/** What a page depends on that asks the desk alone. */
export interface DeskDeps {
  readonly desk: Desk
}
