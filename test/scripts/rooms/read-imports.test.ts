import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { readImports } from '../../../scripts/rooms/read-imports.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

test('imports, re-exports and dynamic imports count, of types too; packages are told apart', () => {
  const folder = folderOf({
    'a/one.ts': [
      "import { two } from './two.ts'",
      "import type { Three } from '../b/three.ts'",
      "export type { Four } from '../four.ts'",
      "import { test } from 'vitest'",
      "const five = () => import('../b/five.ts')",
      'const six = "import \'../b/six.ts\'"',
      'export const all = [two, test, five, six] satisfies readonly Three[]',
    ].join('\n'),
    'a/two.ts': 'export const two = 2',
    'b/three.ts': 'export type Three = unknown',
    'b/five.ts': 'export const five = 5',
    'b/six.ts': 'export const six = 6',
    'four.ts': 'export type Four = 4',
  })
  const { files, packages } = readImports(folder)
  expect(packages.get('a/one.ts')).toEqual(['vitest'])
  expect(files.get('a/one.ts')?.toSorted()).toEqual(['a/two.ts', 'b/five.ts', 'b/three.ts', 'four.ts'])
})

test('a file that cannot be parsed is named', () => {
  expect(() => readImports(folderOf({ 'a/broken.ts': 'import {' }))).toThrow(/^a\/broken\.ts: /)
})

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder()
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}
