import {
  chmodSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { migrate } from '../../../servers/in-process.ts'
import { configured } from '../command.ts'
import { inThisProcess } from '../in-this-process.ts'

async function migrated() {
  const { folder, config } = configured()
  await migrate(config)
  const ask = (...args: readonly string[]) => inThisProcess('recipients', ...args, '--config', config)
  const json = async (...args: readonly string[]) => JSON.parse((await ask(...args, '--json')).stdout)
  return { folder, ask, json }
}

test('one command gives a domain its own times and language, and "show" says where they come from', async () => {
  const { ask } = await migrated()
  const moved = await ask(
    ...['set', '@Bücher.example', '--cron', '0 7,15 * * 1-5'],
    ...['--timezone', 'europe/berlin', '--language', 'de'],
  )
  expect(moved).toEqual({
    status: 0,
    stdout: '',
    stderr:
      'Made the schedule xn-bcher-kva-example: 0 7,15 * * 1-5 in Europe/Berlin.\n' +
      '@xn--bcher-kva.example: schedules xn-bcher-kva-example, language de, timezone Europe/Berlin.\n',
  })
  const shown = await ask('show', 'Alice@BÜCHER.example')
  expect(shown.stdout.split('\n')).toEqual([
    'alice@xn--bcher-kva.example',
    expect.stringMatching(/^ +SETTING +VALUE +FROM$/),
    expect.stringMatching(/^ +schedules +xn-bcher-kva-example +@xn--bcher-kva.example$/),
    expect.stringMatching(/^ +language +de +@xn--bcher-kva.example$/),
    expect.stringMatching(/^ +time zone +Europe\/Berlin +@xn--bcher-kva.example$/),
    expect.stringMatching(/^ +deliver to +the reader's own mailbox +default$/),
    expect.stringMatching(/^ +paused until +not paused +default$/),
    expect.stringMatching(/^ +on +on +default$/),
    expect.stringMatching(/^ +locked +deliver-to +default$/),
    expect.stringMatching(
      /^Next digest: [\d-]{10}T(?:07|15):00:00\+0[12]:00 Europe\/Berlin, if something is held\.$/,
    ),
    '',
  ])
})

test('the settings of a reader are set, locked, cleared and removed', async () => {
  const { ask, json } = await migrated()
  expect(
    await json('set', 'bob@example.com', '--pause-until', 'forever', '--lock', 'language', 'pause', '--off'),
  ).toEqual({
    scope: 'bob@example.com',
    schedules: null,
    language: null,
    timezone: null,
    deliverTo: null,
    pausedUntil: 'forever',
    on: false,
    locked: ['language', 'deliverTo', 'pause'],
    phrase: null,
    copyTo: null,
    leaveOutBlocked: null,
    version: expect.any(Number),
    updatedAt: expect.stringMatching(/Z$/),
  })
  expect(
    await json('set', 'bob@example.com', '--resume', '--unlock', 'pause', '--clear', 'on'),
  ).toMatchObject({
    pausedUntil: null,
    on: null,
    locked: ['language', 'deliverTo'],
  })
  expect(await json('show', 'bob@example.com')).toMatchObject({
    language: { value: 'en', from: 'default', scope: null },
    locked: { value: ['language', 'deliverTo'], from: 'reader', scope: 'bob@example.com' },
  })
  expect(await ask('remove', 'Bob@Example.com')).toMatchObject({
    status: 0,
    stderr: 'Removed the settings of bob@example.com.\n',
  })
  expect(await json('list', '--search', 'bob')).toEqual([])
})

test('copies go to the addresses that are named last, or to nobody', async () => {
  const { ask, json } = await migrated()
  const [one, other] = ['deputy@example.net', 'help@example.com']
  expect(
    await json('set', '@example.com', '--copy-to', one, '--copy-to', other, '--copy-to', 'Help@example.com'),
  ).toMatchObject({ copyTo: [one, 'Help@example.com'] })
  expect(await json('set', 'bob@example.com', '--no-copies')).toMatchObject({ copyTo: [] })
  expect(await json('show', 'bob@example.com')).toMatchObject({
    copyTo: { value: [], from: 'reader', scope: 'bob@example.com' },
  })
  expect((await ask('show', 'alice@example.com')).stdout).toMatch(
    /copy to +deputy@example\.net, Help@example\.com +@example\.com/,
  )
  expect((await ask('list')).stdout).toMatch(/COPY TO.*nobody/s)
  expect(await json('set', 'bob@example.com', '--clear', 'copy-to')).toMatchObject({ copyTo: null })
  expect(await ask('set', '@example.com', '--copy-to', one, '--no-copies')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('Either --copy-to or --no-copies.'),
  })
})

test('options that cannot be read are wrong usage, and change nothing', async () => {
  const { ask, json } = await migrated()
  const wrong = [
    ['--pause-until: expected a date such as', 'set', '@', '--pause-until', 'tomorrow'],
    ['Either --on or --off.', 'set', '@', '--on', '--off'],
    ['--lock: expected some of schedule, language', 'set', '@', '--lock', 'on'],
    ['/nowhere/x.csv cannot be used', 'import', '/nowhere/x.csv'],
  ] as const
  for (const [words, ...args] of wrong) {
    const { status, stdout, stderr } = await ask(...args)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain(words)
  }
  expect(await json('list')).toEqual([])
})

test.skipIf(process.getuid?.() !== 0)(
  'an export by root does not follow a link that another user has planted',
  async () => {
    const { folder: own, ask } = await migrated()
    const folder = join(own, 'for-all')
    mkdirSync(folder)
    chmodSync(folder, 0o1777)
    const [file, link] = [join(folder, 'of-root'), join(folder, 'readers.csv')]
    writeFileSync(file, 'precious')
    symlinkSync(file, link)
    lchownSync(link, 65534, 65534)
    const { status, stderr } = await ask('export', link)
    expect({ status, text: readFileSync(file, 'utf8') }).toEqual({ status: 2, text: 'precious' })
    expect(stderr).toContain(`${link} is a link that belongs to nobody`)
    lchownSync(link, 0, 0)
    expect(await ask('export', link)).toMatchObject({ status: 0 })
    expect(readFileSync(file, 'utf8')).toContain('scope,schedules,')
  },
)

test('a file is imported completely or not at all, and is exported as it was imported', async () => {
  const { folder, ask, json } = await migrated()
  const file = join(folder, 'settings.csv')
  const header =
    'scope,schedules,language,timezone,deliver_to,paused_until,on,locked,phrase,copy_to,leave_out_blocked,version\n'
  const good = '@csv.example,,fr,,,,,nothing,,,,\nx@csv.example,daily,,,,forever,off,,,,on,\n'
  writeFileSync(file, `${header}${good}y@csv.example,,tlh,,,,,,,,,\n`)
  const refused = await ask('import', file)
  expect(refused).toMatchObject({ status: 2, stdout: '' })
  expect(refused.stderr).toMatch(
    /\nline 4: language: expected a language .* found "tlh"\n1 of 3 lines cannot be used/,
  )
  expect(await json('list', '--domain', 'csv.example')).toEqual([])

  const skipped = await ask('import', file, '--skip-bad')
  expect(skipped.status).toBe(0)
  expect(skipped.stderr).toMatch(
    /^line 4: language: .*\n3 lines: 2 set, 0 unchanged\. 1 bad line was skipped\.\n$/,
  )
  expect(
    (await json('list', '--domain', 'csv.example')).map(({ scope }: { scope: string }) => scope),
  ).toEqual(['@csv.example', 'x@csv.example'])

  const out = join(folder, 'out.csv')
  expect(await ask('export', out, '--domain', 'csv.example')).toEqual({ status: 0, stdout: '', stderr: '' })
  const exported = readFileSync(out, 'utf8')
  expect(exported.replaceAll(/,\d+$/gm, ',')).toBe(header + good)
  expect(statSync(out).mode & 0o777).toBe(0o600)
  expect((await ask('export', '--domain', 'csv.example')).stdout).toBe(exported)
  expect(await json('import', out)).toMatchObject({ lines: 2, set: 0, unchanged: 2, faults: [] })

  expect(await ask('export', out, '--domain', 'csv..example')).toMatchObject({ status: 2 })
  expect(readFileSync(out, 'utf8')).toBe(exported)
  expect(readdirSync(folder).filter(name => name.startsWith('out.csv'))).toEqual(['out.csv'])

  writeFileSync(out, exported.replace(',forever,', ',,'))
  expect((await ask('import', out, '--dry-run')).stderr).toBe(
    '2 lines: 1 set, 1 unchanged. Cleared: paused_until of 1. Dry run: nothing was applied.\n',
  )
  await ask('set', 'x@csv.example', '--on')
  const { status, stdout } = await ask('import', out, '--json')
  expect(status).toBe(2)
  expect(JSON.parse(stdout)).toEqual({
    faults: [{ line: 3, column: 'version', message: expect.stringContaining('x@csv.example was changed') }],
  })
})
