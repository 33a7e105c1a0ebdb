import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { templateFiles } from '../../src/ground/templates/template-files.ts'
import { migrate } from '../servers/in-process.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { createOn } from './databases.ts'
import { createProgram, type Program } from './program.ts'

const own = templateFiles()
const stack = new AsyncDisposableStack()
let url: string

beforeAll(async () => {
  const database = stack.use(await createOn('sqlite'))
  url = database.url
  using program = await createProgram({ storage: { url } })
  await migrate(program.configFile)
})
afterAll(() => stack.disposeAsync())

const FAULTS: readonly [file: string, change: (text: string) => string, named: RegExp][] = [
  ['pages/release.html', text => `${text}{{> no-such-part}}`, /pages\/release\.html:\d+: .*"no-such-part"/],
  [
    'pages/released.html',
    text => `${text}{{#if never}}{{say "page.no.such"}}{{/if}}`,
    /pages\/released\.html.*"(?:page\.no\.such|never)"/,
  ],
  ['pages/mail.html', text => `${text}{{no.such}}`, /pages\/mail\.html.*"such"/],
  [
    'admin/overview.html',
    text => `${text}{{> pages/no-such}}`,
    /admin\/overview\.html:\d+: .*"pages\/no-such"/,
  ],
  ['admin/reader.html', text => `${text}{{misspelt}}`, /admin\/reader\.html.*"misspelt"/],
  [
    'admin/sign-in.html',
    text => `${text}{{say "admin.nothing"}}`,
    /admin\/sign-in\.html:\d+: .*"admin\.nothing"/,
  ],
  ['mail/letter.txt', text => `${text}{{misspelt}}`, /mail\/letter\.txt.*"misspelt"/],
  [
    'digest.mjml',
    text => text.replace('</mj-body>', '<mj-raw>{{say "digest.nothing"}}</mj-raw></mj-body>'),
    /digest\.mjml:\d+: .*"digest\.nothing"/,
  ],
  [
    'digest.mjml',
    text => text.replace('</mj-body>', '<mj-raw>{{misspelt}}</mj-raw></mj-body>'),
    /digest\.mjml.*"misspelt"/,
  ],
  ['digest.txt', text => `${text}{{> footer}}`, /digest\.txt:\d+: .*"footer"/],
]

test.each(FAULTS)('run and serve refuse to start with a mistake in %s', async (file, change, named) => {
  const program = await programWith(file, change(own.read(file)))
  for (const command of ['run', 'serve']) {
    const { status, stderr } = await program.command(command)
    expect(status).toBe(2)
    expect(stderr).toMatch(named)
  }
})

test('an admin’s copies of all our templates pass', async () => {
  const folder = temporaryFolder()
  for (const name of ['pages', 'admin', 'mail']) {
    for (const file of own.list(name)) write(folder, `${name}/${file}`, own.read(`${name}/${file}`))
  }
  for (const file of ['digest.mjml', 'digest.txt']) write(folder, file, own.read(file))
  const { status, stderr } = await (await programOf(folder)).command('run')
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining('Made 0 digests') })
})

test('a template that shows less than ours is no mistake: the log says what it lacks', async () => {
  const rows = '{{#each rows}}{{number}}. {{title}} {{sender}} {{button}}: {{url}} {{/each}}'
  const program = await programWith('digest.txt', `{{title}} {{intro}} ${rows}{{links.digest}}`)
  const { status, stderr } = await program.command('run')
  expect(status).toBe(0)
  expect(stderr).toMatch(/"level":40.*"file":"digest\.txt","names":\[.*"heading".*"reason"/)
})

async function programWith(file: string, text: string): Promise<Program> {
  const folder = temporaryFolder()
  write(folder, file, text)
  return programOf(folder)
}

async function programOf(folder: string): Promise<Program> {
  const program = await createProgram({ storage: { url }, templates: { folder } })
  onTestFinished(() => program[Symbol.dispose]())
  return program
}

function write(folder: string, file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), text)
}
