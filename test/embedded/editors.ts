import type { Editor, Reach } from '../../src/rules/reach/reach.ts'

/** Whoever uses the command line as root. */
export const ROOT: Editor = editorFor(undefined)

/** An admin by whichever door. */
export function editorFor(reach: Reach, name = 'root'): Editor {
  return { actor: { kind: 'admin', name, remoteAddress: null }, reach }
}
