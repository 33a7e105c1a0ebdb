import type { Editor, Reach } from '../../src/rules/reach/reach.ts'

/** The user root on the command line. */
export const ROOT: Editor = editorFor(undefined)

/** An admin with a given reach. */
export function editorFor(reach: Reach, name = 'root'): Editor {
  return { actor: { kind: 'admin', name, remoteAddress: null }, reach }
}
