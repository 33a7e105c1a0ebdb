import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { productionPackages } from '../../../scripts/deb/production-packages.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const ROOT = join(import.meta.dirname, '../../..')

test('the packages are those that `npm ci --omit=dev --omit=optional` installs', () => {
  const names = productionPackages(ROOT).map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['pg', 'mysql2', 'mjml', 'ldapts']))
  for (const name of ['node', 'vitest', 'typescript', 'msgpackr-extract']) expect(names).not.toContain(name)
})

test('a package is refused if the lock file names another version of it', () => {
  const root = checkout({ installed: '1.0.0', locked: '1.0.1' })
  expect(() => productionPackages(root)).toThrow(
    'node_modules/sample is 1.0.0, the lock file says 1.0.1. Run: npm ci',
  )
})

test('types, source maps, settings of tools and packages inside a package are left out of it', () => {
  const [sample] = productionPackages(checkout({ installed: '1.0.0', locked: '1.0.0' }))
  const left = (file: string) => sample?.isNeeded(file) === false
  expect(
    ['index.d.ts', 'src/a.mts', 'a.js.map', '.eslintrc', 'lib/.eslintrc.js', 'node_modules/b/a.js'].filter(
      left,
    ),
  ).toHaveLength(6)
  expect(['index.js', 'lib/commands.lua', 'LICENSE', 'data.json', 'maps/a.cjs'].filter(left)).toEqual([])
})

function checkout({ installed, locked }: { installed: string; locked: string }): string {
  const root = temporaryFolder()
  const path = 'node_modules/sample'
  mkdirSync(join(root, path), { recursive: true })
  writeFileSync(join(root, path, 'package.json'), JSON.stringify({ name: 'sample', version: installed }))
  const packages = {
    '': {},
    [path]: { version: locked },
    'node_modules/tool': { version: '1.0.0', dev: true },
  }
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages }))
  return root
}
