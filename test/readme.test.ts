import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { addCommands } from '../src/commands.ts'
import { allIn, treeOf } from '../src/doors/cli/completion/command-tree.ts'
import { newProgram } from '../src/doors/cli/program.ts'
import { SENDERS_RIGHTS, SENDERS_SEQUENCES } from '../src/ground/database/rights/senders-rights.ts'
import { VERSION } from '../src/ground/version.ts'

const ROOT = new URL('../', import.meta.url)

const DECISIONS = readdirSync(new URL('docs/decisions/', ROOT)).filter(name => name !== 'README.md')

const GUIDES = readdirSync(new URL('docs/guides/', ROOT))

const DOCUMENTS = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'docs/admin.md',
  'docs/api.md',
  'docs/tuning.md',
  ...GUIDES.map(name => `docs/guides/${name}`),
  'docs/decisions/README.md',
  ...DECISIONS.map(name => `docs/decisions/${name}`),
]

const read = (document: string) => readFileSync(new URL(document, ROOT), 'utf8')

test.each(DOCUMENTS)('the files that %s links to exist', document => {
  const here = new URL(document, ROOT)
  const links = [...read(document).matchAll(/\]\(([^)#:]+)\)/g)].map(([, link = '']) => link)
  expect(links.filter(link => !existsSync(new URL(link, here)))).toEqual([])
})

test.each(DOCUMENTS)('the headings that %s links to exist', document => {
  const links = [...read(document).matchAll(/\]\(([^):]*)#([^)]+)\)/g)]
  const missing = links.filter(([, file = '', heading = '']) => {
    const target = new URL(file || document, file ? new URL(document, ROOT) : ROOT)
    return !headingsOf(readFileSync(target, 'utf8')).includes(heading)
  })
  expect(missing.map(([link]) => link)).toEqual([])
})

/** The anchors that GitHub and others give to the headings of a document. */
const headingsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )

test.each(DOCUMENTS)('the source files that %s names exist', document => {
  const paths = [...read(document).matchAll(/`(src\/[\w./-]+)`/g)].map(([, path = '']) => path)
  expect(paths.filter(path => !existsSync(new URL(path, ROOT)))).toEqual([])
})

test.each(DOCUMENTS)('no line of %s is longer than 120 columns, except in tables and code', document => {
  const prose = read(document).replaceAll(/^ *```[\s\S]*?^ *```/gm, '')
  const long = prose
    .split('\n')
    .filter(line => [...line].length > 120 && !isRowOfTable(line) && !hasOnlyLinks(line))
  expect(long).toEqual([])
})

const isRowOfTable = (line: string) => /^ *\|/.test(line)

/** A link or a tag cannot be broken, so a line of nothing else may be longer. */
const hasOnlyLinks = (line: string) =>
  !/\w/.test(line.replaceAll(/\[[^\]]*\]\([^)]*\)|^\[[^\]]*\]: \S+|<[^>]*>/g, ''))

test('what the README shows of the configuration of amavisd is what the file for it says', () => {
  const lines = (text: string) =>
    text
      .split('\n')
      .map(line => line.replace(/ +#.*$/, '').trim())
      .filter(line => line !== '')
  const file = lines(read('packaging/amavisd/60-amavis-digest'))
  for (const document of ['README.md', 'docs/guides/amavisd.md']) {
    const shown = [...read(document).matchAll(/^```perl\n([\s\S]*?)^```/gm)].flatMap(([, perl = '']) =>
      lines(perl),
    )
    const own = shown.filter(line => !line.startsWith('include_config_files'))
    expect(own.length).toBeGreaterThan(2)
    expect(own.filter(line => !file.includes(line))).toEqual([])
  }
})

test('the files of packaging that a document names exist, in commands too', () => {
  for (const document of DOCUMENTS) {
    const named = [...read(document).matchAll(/(?<![\w./-])(packaging\/[\w./-]*\w)/g)].map(
      ([, path = '']) => path,
    )
    expect(
      named.filter(path => !existsSync(new URL(path, ROOT))),
      document,
    ).toEqual([])
  }
})

test('the guide to senders grants what the lists in amavisd’s tables need, and no more', () => {
  const [mysql = '', postgres = ''] = [
    ...read('docs/guides/senders.md').matchAll(/^```sql\n([\s\S]*?)^```/gm),
  ].map(([, sql = '']) => sql.replaceAll(/\s+/g, ' '))
  const granted = (sql: string) =>
    [...sql.matchAll(/GRANT ([A-Z, ]+) ON (?!SEQUENCE)([\w., ]+) TO/g)].flatMap(
      ([, rights = '', tables = '']) =>
        tables.split(', ').map(table => [table.replace('amavis_storage.', ''), rights]),
    )
  expect(granted(mysql)).toEqual([...SENDERS_RIGHTS])
  expect(granted(postgres)).toEqual([...SENDERS_RIGHTS])
  expect(postgres).toContain(`GRANT USAGE ON SEQUENCE ${SENDERS_SEQUENCES.join(', ')} TO amavis_digest;`)
})

test('no document, unit or sample names a public address of the project, for it has none yet', () => {
  const units = ['amavis-digest.service', 'amavis-digest-worker.service'].map(name => `packaging/${name}`)
  for (const file of [...DOCUMENTS, ...units, 'ops/prometheus-alerts.yaml']) {
    expect(read(file), file).not.toMatch(/github\.com\/amavis-digest/)
  }
})

test('each promise of the README names a test', () => {
  const section = /## What it promises\n([\s\S]*?)\n## /.exec(read('README.md'))?.[1] ?? ''
  const promises = section.split('\n- ').slice(1)
  expect(promises.length).toBeGreaterThan(10)
  expect(promises.filter(promise => !/\]\(test\/[^)]+\.ts\)/.test(promise))).toEqual([])
})

test('the table of commands in the README names each command', async () => {
  const program = newProgram(VERSION)
  const unused = () => Promise.reject(new Error('only the definitions are used'))
  await addCommands(program, { createApp: unused, runDemo: unused })
  const commands = allIn(treeOf(program)).filter(({ path, commands }) => path !== '' && commands.length === 0)
  const section = /## Commands\n([\s\S]*?)\n## /.exec(read('README.md'))?.[1] ?? ''
  // A row names the group once: `keys list`, `keys rotate`, or `schedules list`, `set NAME …`.
  const rows = [...section.matchAll(/^\| (`.*?`) \|/gm)].map(([, cell = '']) => cell)
  const isNamed = (path: string): boolean => {
    const group = path.split(' ').slice(0, -1).join(' ')
    const name = path.split(' ').at(-1)
    return rows.some(
      row => row.includes(`\`${path}`) || (row.includes(`\`${group} `) && row.includes(`\`${name}`)),
    )
  }
  expect(commands.map(({ path }) => path).filter(path => !isNamed(path))).toEqual([])
})

test('decisions are numbered without a gap, and the index lists each under its title', () => {
  const numbers = DECISIONS.toSorted().map(name => Number(name.slice(0, 4)))
  expect(numbers).toEqual(numbers.map((_, index) => index + 1))
  const index = read('docs/decisions/README.md')
  const listed = [...index.matchAll(/^- \[(\d{4})\]\((\S+)\) (.+)$/gm)].map(([, , name, title]) => [
    name,
    title,
  ])
  const written = DECISIONS.map(name => [name, /^# (.+)$/m.exec(read(`docs/decisions/${name}`))?.[1]])
  expect(listed.toSorted()).toEqual(written.toSorted())
})

test.each(DECISIONS)('%s has a context, a decision and a consequence', name => {
  const headings = [...read(`docs/decisions/${name}`).matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)
  expect(headings).toEqual(['Context', 'Decision', 'Consequence'])
})

test('no part of the changelog has two sections of one name', () => {
  for (const part of read('CHANGELOG.md').split(/^## /m).slice(1)) {
    const sections = [...part.matchAll(/^### .*$/gm)].map(([heading]) => heading)
    expect(sections).toEqual(ORDER.filter(name => sections.includes(name)))
  }
})

const ORDER = ['### Added', '### Changed', '### Fixed', '### Security']

test('the changelog begins with the unreleased changes, then the version of package.json with its date', () => {
  const { version } = JSON.parse(read('package.json'))
  const headings = read('CHANGELOG.md').match(/^## .*$/gm) ?? []
  expect(headings[0]).toBe('## [Unreleased]')
  expect(headings[1]).toMatch(/^## \[[^\]]+\] - \d{4}-\d{2}-\d{2}$/)
  expect(headings[1]).toContain(`[${version}]`)
})
