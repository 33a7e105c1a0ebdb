import type { SenderList } from '../../../../rules/senders/sender-entry.ts'

/** What was done, for the notice on the page and for taking it back. */
export interface Did {
  readonly did: SenderList | 'remove'
  readonly sender: string
  /** Where the sender was before. */
  readonly was?: SenderList | undefined
}

/** The path of the lists of an owner, perhaps with what was done there. */
export function sendersPath(owner: string, done?: Did): string {
  const query = new URLSearchParams({ owner })
  if (done) {
    query.set('did', done.did)
    query.set('sender', done.sender)
    if (done.was !== undefined) query.set('was', done.was)
  }
  return `/admin/senders?${query}`
}
