import { userInfo } from 'node:os'
import type { Editor } from '../../rules/reach/reach.ts'

/** Whoever uses the command line reaches all: the audit names the user of the machine. */
export const commandLineEditor = (): Editor => ({
  actor: { kind: 'admin', name: userInfo().username, remoteAddress: null },
  reach: undefined,
})
