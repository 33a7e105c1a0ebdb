import type { AdminViewer, ReaderViewer } from '../../src/rules/reach/viewer.ts'
import { asReader } from '../../src/rules/reach/visitor.ts'

/** A reader who has signed in. */
export const signedIn = (reader: string): ReaderViewer => ({
  as: 'reader',
  visitor: asReader(reader),
  actor: { kind: 'reader', name: reader, remoteAddress: '192.0.2.7' },
})

/** Somebody who came by a link of a reader's digest. */
export const byLink = (reader: string, ...only: readonly string[]): ReaderViewer => ({
  ...signedIn(reader),
  visitor: { reader, by: 'link', may: ['read', 'release', 'senders'] },
  only: new Set(only),
})

/** An admin of these domains or, without any, of all. */
export const adminOf = (...domains: readonly string[]): AdminViewer => ({
  as: 'admin',
  actor: { kind: 'admin', name: 'root@example.com', remoteAddress: '192.0.2.1' },
  reach: domains.length > 0 ? domains : undefined,
  may: ['read', 'release', 'senders', 'download', 'virus'],
})
