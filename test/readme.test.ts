import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const ROOT = new URL('../', import.meta.url)

const DOCUMENTS = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md']

test.each(DOCUMENTS)('what %s links to is there', document => {
  const text = readFileSync(new URL(document, ROOT), 'utf8')
  const links = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map(([, link = '']) => link)
  expect(links.filter(link => !existsSync(new URL(link, ROOT)))).toEqual([])
})

test('each promise of the README names a test', () => {
  const readme = readFileSync(new URL('README.md', ROOT), 'utf8')
  const section = /## What it promises\n([\s\S]*?)\n## /.exec(readme)?.[1] ?? ''
  const promises = section.split('\n- ').slice(1)
  expect(promises.length).toBeGreaterThan(10)
  expect(promises.filter(promise => !/\]\(test\/[^)]+\.ts\)/.test(promise))).toEqual([])
})

test('the changelog has what is not released yet, then the version of package.json with its day', () => {
  const { version } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'))
  const headings = readFileSync(new URL('CHANGELOG.md', ROOT), 'utf8').match(/^## .*$/gm) ?? []
  expect(headings[0]).toBe('## [Unreleased]')
  expect(headings[1]).toMatch(/^## \[[^\]]+\] - \d{4}-\d{2}-\d{2}$/)
  expect(headings[1]).toContain(`[${version}]`)
})
