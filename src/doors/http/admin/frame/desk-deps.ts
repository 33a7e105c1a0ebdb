import type { Desk } from '../../../../desks/admin/desk.ts'

/** The dependencies of a page that needs nothing but the desk. */
export interface DeskDeps {
  readonly desk: Desk
}
