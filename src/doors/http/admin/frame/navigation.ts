import type { RequestDesk } from '../../../../desks/requests/request-desk.ts'
import type { SenderDesk } from '../../../../desks/senders/sender-desk.ts'
import { CodedError } from '../../../../ground/errors.ts'
import { type AdminViewer, mayInQuarantine } from '../../../../rules/reach/viewer.ts'

export interface NavigationDeps {
  readonly requests: Pick<RequestDesk, 'waiting'>
  readonly senders: Pick<SenderDesk, 'mayUse'>
}

/** What the navigation shows to an admin besides what it shows to all. */
export interface Navigation {
  /** How many requests wait. Undefined: this admin decides about none. */
  readonly waiting: number | undefined
  readonly hasSenders: boolean
}

export async function navigationFor(
  { requests, senders }: NavigationDeps,
  viewer: AdminViewer,
): Promise<Navigation> {
  const waiting = mayInQuarantine(viewer, 'decide') ? await counted(requests.waiting(viewer)) : undefined
  return { waiting, hasSenders: senders.mayUse(viewer) }
}

/** A number beside a link is no reason for a page to fail. */
async function counted(waiting: Promise<number>): Promise<number> {
  try {
    return await waiting
  } catch (error) {
    if (error instanceof CodedError) return 0
    throw error
  }
}

/** Whether the navigation has an entry for a section. */
export function shownIn(navigation: Navigation | undefined, section: string): boolean {
  if (section === 'requests') return navigation?.waiting !== undefined
  return section !== 'senders' || navigation?.hasSenders === true
}
