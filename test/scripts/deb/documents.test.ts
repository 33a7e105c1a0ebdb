import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { DOCUMENTS, documentFiles } from '../../../scripts/deb/documents.ts'

test('whatever folder of packaging a document names is beside it in the package', () => {
  const files = documentFiles(fileURLToPath(new URL('../../..', import.meta.url)))
  const documents = files.filter(([from]) => from.endsWith('.md')).map(([from]) => readFileSync(from, 'utf8'))
  const named = documents.flatMap(text =>
    [...text.matchAll(/packaging\/([\w.-]+)\//g)].map(([, name]) => name),
  )
  const there = files.map(([, to]) => to)
  expect([...new Set(named)].filter(name => !there.includes(`${DOCUMENTS}/examples/${name}`))).toEqual([])
})

test('a guide links only to guides and files that are in the package too', () => {
  const root = fileURLToPath(new URL('../../..', import.meta.url))
  const files = documentFiles(root)
  const there = files.map(([from]) => from)
  const dead = there
    .filter(from => from.includes('/docs/guides/'))
    .flatMap(from =>
      [...readFileSync(from, 'utf8').matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(
        ([, to = '']) => new URL(to, `file://${from}`).pathname,
      ),
    )
    .filter(to => !there.some(path => to === path || to.startsWith(`${path}/`)) && !to.includes('/ops/'))
  expect([...new Set(dead)]).toEqual([])
})
