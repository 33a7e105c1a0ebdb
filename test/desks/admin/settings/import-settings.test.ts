import { expect, test } from 'vitest'
import { setSchedule } from '../../../../src/desks/admin/schedules/change-schedules.ts'
import type { SettingsDeps } from '../../../../src/desks/admin/settings/change-settings.ts'
import { exportSettings } from '../../../../src/desks/admin/settings/export-settings.ts'
import { type ImportOptions, importSettings } from '../../../../src/desks/admin/settings/import-settings.ts'
import { listSettings } from '../../../../src/desks/admin/settings/list-settings.ts'
import { DAY } from '../../../../src/ground/durations.ts'
import type { Reach } from '../../../../src/rules/reach/reach.ts'
import { FOREVER, NOT_PAUSED } from '../../../../src/rules/settings/setting-fields.ts'
import { seedSchedules } from '../../../../src/work/schedules/schedules.ts'
import { NOW } from '../../../embedded/clock.ts'
import { prefer } from '../../../embedded/preferences.ts'
import { embeddedProgram } from '../../../embedded/program.ts'

const root = { actor: { kind: 'admin', name: 'root', remoteAddress: null }, reach: undefined } as const
const HEADER =
  'scope,schedules,language,timezone,deliver_to,paused_until,on,locked,phrase,copy_to,leave_out_blocked,version'

async function scheduled(onDestinationChanged: SettingsDeps['onDestinationChanged'] = async () => {}) {
  const program = await embeddedProgram()
  const daily = { name: 'daily', cron: ['0 6 * * *'], timezone: 'Europe/Paris', default: true }
  await seedSchedules(program.state, [daily, { ...daily, name: 'weekly', default: false }], NOW)
  const deps = { ...program.deps, onDestinationChanged }
  return {
    ...program,
    deps,
    load: (file: string | Uint8Array, options: Partial<ImportOptions> = {}, reach?: Reach) =>
      importSettings(deps, { ...root, reach }, inPieces(Buffer.from(file)), {
        skipBad: false,
        dryRun: false,
        ...options,
      }),
    save: (domains: readonly string[] = [], reach?: Reach) => textOf(exportSettings(deps, reach, domains)),
    all: async () => (await listSettings(deps, undefined, { limit: 1000 })).rows,
  }
}

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = ''
  for await (const piece of pieces) text += piece
  return text
}

/** A file arrives in pieces that may end anywhere, even within a character. */
async function* inPieces(file: Buffer) {
  const size = file.length > 100_000 ? 65_536 : 37
  for (let start = 0; start < file.length; start += size) yield file.subarray(start, start + size)
}

test('a file sets who gets copies, with "nobody" for none; an empty cell clears it, without a column it stays', async () => {
  const { load, save, all } = await scheduled()
  await load(
    'scope,copy_to\nalice@example.com,"help@example.com, ""a b""@example.net"\n@example.com,nobody\n',
  )
  const copies = async () => (await all()).map(({ copyTo }) => copyTo)
  expect(await copies()).toEqual([[], ['help@example.com', '"a b"@example.net']])
  expect(await load(await save())).toMatchObject({ unchanged: 2 })
  await load('scope,language\nalice@example.com,de\n')
  expect(await copies()).toEqual([[], ['help@example.com', '"a b"@example.net']])
  expect(await load('scope,copy_to\nalice@example.com,\n')).toMatchObject({ cleared: { copy_to: 1 } })
  await expect(load('scope,copy_to\nalice@example.com,nobody@localhost\n')).rejects.toThrow(
    'line 2: copy_to: expected addresses such as',
  )
})

test('an export can be imported again, whatever its cells contain', async () => {
  const { state, save, load, all } = await scheduled()
  await prefer(state, '@', { locked: '[]', paused_until: NOT_PAUSED })
  await prefer(state, '@xn--bcher-kva.example', { schedules: '["daily","weekly"]', enabled: 0 })
  await prefer(state, '=1+1@example.com', { deliver_to: '+x@example.net', language: 'de' })
  await prefer(state, "'=1@example.com", { deliver_to: '-y@example.net', enabled: 1 })
  await prefer(state, "'@example.com", { time_zone: 'Asia/Tokyo' })
  await prefer(state, '"a, \\"b\\""@example.com', {
    paused_until: FOREVER,
    locked: '["language","deliverTo"]',
  })
  await prefer(state, 'zoë@example.com', { paused_until: NOW + DAY })
  const before = await all()
  const file = await save()
  expect(file.split('\n')[0]).toBe(HEADER)
  expect(await load(file)).toMatchObject({ lines: 7, unchanged: 7, set: 0 })
  await state.sql.deleteFrom('digest_preference').execute()
  expect(await load(file)).toMatchObject({ lines: 7, set: 7, redirected: 2, faults: [] })
  const fields = (rows: typeof before) => rows.map(({ version, updatedAt, ...rest }) => rest)
  expect(fields(await all())).toEqual(fields(before))
})

test('those whose digests go elsewhere are told once everything is applied, but not by a dry run', async () => {
  const told: unknown[] = []
  const { load } = await scheduled(async (by, changes) => {
    told.push([by.name, ...changes.map(({ scope, from, to }) => [scope, from, to])])
  })
  const lines = [
    'scope,deliver_to',
    '@example.com,shared@example.net',
    'alice@example.com,home@example.net',
    'carol@example.org,',
  ].join('\n')
  await load(lines, { dryRun: true })
  expect(told).toEqual([])
  await load(lines)
  await load('scope,deliver_to\nalice@example.com,')
  await load('scope,deliver_to,language\n@example.com,shared@example.net,de')
  expect(told).toEqual([
    [
      'root',
      ['@example.com', undefined, 'shared@example.net'],
      ['alice@example.com', undefined, 'home@example.net'],
    ],
    ['root', ['alice@example.com', 'home@example.net', 'shared@example.net']],
  ])
})

test('a reader’s own address as destination overrides that of the domain, and otherwise moves nothing', async () => {
  const told: unknown[] = []
  const { load } = await scheduled(async (_, changes) => void told.push(...changes))
  const home = 'scope,deliver_to\nalice@example.com,Alice@Example.com'
  expect(await load(home)).toMatchObject({ set: 1, redirected: 0 })
  await load('scope,deliver_to\nalice@example.com,\n@example.com,archive@example.com')
  told.length = 0
  expect(await load(home, { dryRun: true })).toMatchObject({ redirected: 1 })
  expect(await load(home)).toMatchObject({ redirected: 1 })
  expect(told).toEqual([{ scope: 'alice@example.com', from: 'archive@example.com', to: undefined }])
})

test('an announcement that cannot be sent gives a warning', async () => {
  const { load } = await scheduled(() => Promise.reject(new Error('connection refused')))
  await load('scope,deliver_to\n@example.com,shared@example.net')
  const { removed, warnings } = await load('scope,deliver_to\n@example.com,')
  expect(removed).toBe(1)
  expect(warnings).toEqual([
    'Not everybody concerned could be told that the digests of @example.com go to the mailbox of each reader now: connection refused',
  ])
})

test('no exported cell begins with a character that makes it a formula, except for the @ of a domain', async () => {
  const { state, save } = await scheduled()
  for (const scope of ['=1+1@example.com', '+1@example.com', '-1@example.com', '@example.com']) {
    await prefer(state, scope, { deliver_to: '=cmd@example.net' })
  }
  const cells = (await save())
    .trim()
    .split('\n')
    .slice(1)
    .flatMap(line => line.split(','))
  expect(cells.filter(cell => /^[=+-]/.test(cell))).toEqual([])
  expect(cells.filter(cell => cell.startsWith('@'))).toEqual(['@example.com'])
})

test('an export leaves out pauses that have ended, and scopes that are not canonical or cannot have settings', async () => {
  const { state, save, load } = await scheduled()
  await prefer(state, 'alice@example.com', { paused_until: NOW - 1 })
  await prefer(state, 'Bob@Example.com', { enabled: 0 })
  await prefer(state, 'al\u200Bice@example.com', { enabled: 0 })
  expect(await save()).toBe(`${HEADER}\nalice@example.com,,,,,,,,,,,1\n`)
  expect(await load(await save())).toMatchObject({ unchanged: 1, cleared: {} })
  const { set, cleared } = await load('scope,language\nalice@example.com,de\n')
  expect({ set, cleared }).toEqual({ set: 1, cleared: {} })
})

test('an export can be limited to some domains within reach', async () => {
  const { state, save } = await scheduled()
  for (const scope of ['@', '@a.example', 'x@a.example', 'x@sub.a.example', 'x@b.example', 'x@aa.example']) {
    await prefer(state, scope, { enabled: 1 })
  }
  const scopes = async (...args: Parameters<typeof save>) =>
    (await save(...args))
      .trim()
      .split('\n')
      .slice(1)
      .map(line => line.split(',')[0])
  expect(await scopes(['A.example', '@b.example'])).toEqual(['@a.example', 'x@a.example', 'x@b.example'])
  expect(await scopes([], ['b.example'])).toEqual(['x@b.example'])
  await expect(scopes(['a.example'], ['b.example'])).rejects.toMatchObject({ code: 'OUT_OF_REACH' })
})

test('a file can still be imported when a pause in it has ended', async () => {
  const { load, save, deps, all } = await scheduled()
  await load('scope,paused_until\na@example.com,2026-03-12\nb@example.com,never\n@example.com,forever')
  const file = await save()
  deps.clock = () => NOW + 2 * DAY
  expect(await load(file)).toMatchObject({ unchanged: 3, faults: [] })
  expect(await load(file.replaceAll(/,\w+$/gm, ''))).toMatchObject({ unchanged: 3, faults: [] })
  expect(await all()).toHaveLength(3)
})

test('an empty cell clears a setting, a missing column leaves it alone, and what is cleared is counted', async () => {
  const { state, load, all } = await scheduled()
  await prefer(state, 'a@example.com', { language: 'de', enabled: 0, time_zone: 'Asia/Tokyo' })
  await prefer(state, 'b@example.com', { language: 'de', schedules: '["daily"]' })
  const file = 'scope,language,on\na@example.com,,\nb@example.com,,on\n'
  const counts = { set: 2, removed: 0, cleared: { language: 2, on: 1 } }
  expect(await load(file, { dryRun: true })).toMatchObject(counts)
  expect(await load(file)).toMatchObject(counts)
  expect(await all()).toMatchObject([
    { language: null, enabled: null, timeZone: 'Asia/Tokyo' },
    { language: null, enabled: true, schedules: ['daily'] },
  ])
})

test('all lines whose scopes somebody has changed since the export are faults', async () => {
  const { state, load, save, all } = await scheduled()
  const versions = { a: 3, b: 5, c: 7, d: 9 }
  for (const [name, version] of Object.entries(versions)) {
    await prefer(state, `${name}@example.com`, { language: 'fr', version })
  }
  const file = (await save()).replaceAll('fr', 'de')
  await load('scope,on\na@example.com,on\n')
  await load('scope,language\nb@example.com,\nd@example.com,de\n')
  const faults = [
    {
      line: 2,
      column: 'version',
      message: expect.stringContaining('a@example.com was changed since it was read (version 3 then, 4 now)'),
    },
  ]
  const untouched = await all()
  await expect(load(file)).rejects.toMatchObject({ code: 'CSV_INVALID', faults })
  await expect(load(file, { dryRun: true })).rejects.toMatchObject({ faults })
  const worse = `${file}new@example.com,,tlh,,,,,,0\n`
  await expect(load(worse)).rejects.toMatchObject({
    faults: [...faults, expect.objectContaining({ line: 6 })],
  })
  expect(await all()).toEqual(untouched)
  // Where nothing is set any longer, nothing is overwritten.
  expect(await load(file, { skipBad: true })).toMatchObject({ set: 2, unchanged: 1, skipped: 1, faults })
  expect((await all()).map(({ scope, language }) => [scope, language])).toEqual([
    ['a@example.com', 'fr'],
    ['b@example.com', 'de'],
    ['c@example.com', 'de'],
    ['d@example.com', 'de'],
  ])
  // A line that changes nothing may have an outdated version.
  expect(await load(file, { skipBad: true })).toMatchObject({ set: 0, unchanged: 3 })
  await expect(load('scope,on,version\na@example.com,off,new')).rejects.toThrow(
    'the version that "export" has written',
  )
})

test.each([
  [
    'semicolons',
    'scope;on;schedules;;\r\na@example.com;on;daily weekly;;\r\n;;;;\r\nb@example.com;"off";"daily;weekly";;\r\n',
  ],
  ['what its first line names', 'sep=;\nscope\na@example.com\n"b@example.com"\n'],
  ['tabs', 'scope\ton\na@example.com\ton\nb@example.com\toff\n'],
  ['commas, with lines that end in CR alone', 'scope,on\ra@example.com,on\r\rb@example.com,off\r'],
])('a file whose cells are separated by %s', async (_, file) => {
  const { load } = await scheduled()
  expect(await load(file)).toMatchObject({ lines: 2, faults: [] })
})

test('a file changes only the scopes and columns that it has, and a line without values removes the settings', async () => {
  const { state, load, all, rows } = await scheduled()
  await prefer(state, 'a@example.com', { language: 'de', enabled: 0, version: 3 })
  await prefer(state, 'b@example.com', { language: 'de' })
  await prefer(state, 'c@example.com', { language: 'de' })
  const file =
    '\uFEFFLanguage, SCOPE ,on\r\n\r\nfr,A@Example.com,\r\n,b@example.com,\r\n,,\r\n,@d.example,Yes\r\n'
  expect(await load(file)).toMatchObject({ lines: 3, set: 2, removed: 1, unchanged: 0, skipped: 0 })
  expect(await all()).toEqual([
    expect.objectContaining({ scope: '@d.example', enabled: true }),
    expect.objectContaining({ scope: 'a@example.com', language: 'fr', enabled: null, version: 4 }),
    expect.objectContaining({ scope: 'c@example.com', language: 'de' }),
  ])
  const audit = await rows('digest_audit')
  expect(audit.map(({ actor, action, recipient, detail }) => [actor, action, recipient, detail])).toEqual([
    ['root', 'settings-set', '@d.example', 'on: - → on'],
    ['root', 'settings-set', 'a@example.com', 'language: de → fr; on: off → -'],
    ['root', 'settings-remove', 'b@example.com', 'language: de → -'],
  ])
})

test('every fault of every line is reported, and nothing is applied', async () => {
  const { load, all } = await scheduled()
  const file = [
    HEADER.replace('copy_to,leave_out_blocked,', ''),
    'good@example.com,daily,de,,,,on,,,',
    'nobody,,,,,,,,,',
    'a@example.com,daily nope,tlh,BST,x,yesterday,maybe,everything,,',
    'a@example.com',
    '"b@example.com,,,,,,,,,',
    'c"d"@example.com,,,,,,,,,',
    'al\u00ADice@example.com,,,,,,,,,',
    '',
    'last@example.com,,,,,2026-02-30,,nothing,,',
  ].join('\n')
  const refused = load(file)
  await expect(refused).rejects.toMatchObject({ code: 'CSV_INVALID' })
  const message = await refused.catch(error => error.message)
  expect(message.split('\n')).toEqual([
    'the file has faults:',
    'line 3: scope: expected an address (alice@example.com), a domain (@example.com; its subdomains have settings of their own) or @ for everybody, found "nobody"',
    'line 4: schedules: there is no schedule "nope"; existing ones: daily, weekly',
    expect.stringMatching(/^line 4: language: .* found "tlh"$/),
    'line 4: timezone: expected a time zone such as Europe/Paris (BST: write Europe/London), found "BST"',
    'line 4: deliver_to: expected an address such as alice@example.com, found "x"',
    expect.stringMatching(/^line 4: paused_until: expected a date such as 2026-12-24 .*, found "yesterday"$/),
    'line 4: on: expected on or off, found "maybe"',
    expect.stringMatching(
      /^line 4: locked: expected some of schedule, language, .*, or nothing, found "everything"$/,
    ),
    'line 5: expected 10 cells, found 1',
    'line 6: its quotes do not match: expected "…" around a whole cell, and "" for a quote in it',
    'line 7: its quotes do not match: expected "…" around a whole cell, and "" for a quote in it',
    expect.stringMatching(/^line 8: scope: expected an address/),
    expect.stringMatching(/^line 10: paused_until: expected a date/),
    '7 of 8 lines cannot be used; none was applied. Correct them, or apply the others with --skip-bad.',
  ])
  expect(await all()).toEqual([])
  expect(await load(file, { skipBad: true })).toMatchObject({ lines: 8, set: 1, skipped: 7 })
  expect((await all()).map(({ scope }) => scope)).toEqual(['good@example.com'])
})

test('the same scope in several lines, in whatever spelling, is a fault of each of them', async () => {
  const { load, all } = await scheduled()
  const file =
    'scope,on\n@Bücher.example,on\nx@a.example,on\n@xn--bcher-kva.example.,off\n@BÜCHER.example,on\n'
  await expect(load(file)).rejects.toMatchObject({
    faults: [
      { line: 2, column: 'scope', message: '@xn--bcher-kva.example is also in line 4; expected it once' },
      { line: 4, column: 'scope', message: '@xn--bcher-kva.example is also in line 2; expected it once' },
      { line: 5, column: 'scope', message: '@xn--bcher-kva.example is also in line 2; expected it once' },
    ],
  })
  await load(file, { skipBad: true })
  expect((await all()).map(({ scope }) => scope)).toEqual(['x@a.example'])
})

test.each([
  ['empty', '', 'the file is empty'],
  [
    'without a header',
    'a@example.com,de\n',
    'unknown column "a@example.com", "de"; expected a first line with some of scope,',
  ],
  ['with an unknown column', 'scope,colour\n', 'unknown column "colour"'],
  ['with a column twice', 'scope,on,ON\n', 'a column appears twice'],
  ['without the scope', 'language,on\n', 'expected a column scope'],
  ['in UTF-16', Buffer.from('\uFEFFscope,on\n', 'utf16le'), 'line 1: not in UTF-8'],
  ['of one endless line', `scope,on\n${'x'.repeat(200_000)}`, 'There is a line of more than 65536 octets'],
])('a file %s is refused', async (_, file, words) => {
  const { load } = await scheduled()
  const refused = load(file, { skipBad: true })
  await expect(refused).rejects.toMatchObject({ code: 'CSV_INVALID' })
  await expect(refused).rejects.toThrow(words)
})

test('a line in another encoding is a fault of its own', async () => {
  const { load } = await scheduled()
  const file = Buffer.concat([
    Buffer.from('scope,on\na@example.com,on\n'),
    Buffer.from('m\u00fcller@example.com,on\n', 'latin1'),
    Buffer.from('zo\u00eb@example.com,on\n'),
  ])
  expect(await load(file, { skipBad: true })).toMatchObject({
    set: 2,
    faults: [{ line: 3, column: undefined, message: expect.stringContaining('not in UTF-8') }],
  })
})

test('a dry run counts, but applies nothing', async () => {
  const { load, all, rows } = await scheduled()
  expect(await load('scope,on\na@example.com,on\n', { dryRun: true })).toMatchObject({ set: 1 })
  expect(await all()).toEqual([])
  expect(await rows('digest_audit')).toEqual([])
})

test('lines for scopes out of reach are faults', async () => {
  const { load } = await scheduled()
  const file = 'scope,on\n@,on\n@a.example,on\nx@b.example,on\n'
  await expect(load(file, {}, ['a.example'])).rejects.toMatchObject({
    faults: [expect.objectContaining({ line: 2 }), expect.objectContaining({ line: 4 })],
  })
  expect(await load(file, { skipBad: true }, ['a.example'])).toMatchObject({ set: 1, skipped: 2 })
})

test('a date starts in the time zone that holds: that of the line, of the domain in the file, or of the domain now', async () => {
  const { state, load, all } = await scheduled()
  await prefer(state, '@tokyo.example', { time_zone: 'Asia/Tokyo' })
  await prefer(state, '@changed.example', { time_zone: 'Asia/Tokyo' })
  const file = [
    'scope,timezone,paused_until',
    'a@tokyo.example,,2026-07-01',
    'b@tokyo.example,America/New_York,2026-07-01T12:30',
    'c@changed.example,,2026-07-01',
    '@changed.example,Europe/Paris,',
    'd@utc.example,,2026-07-01',
    'e@tokyo.example,,2026-07-01T00:00+02:00',
    'f@tokyo.example,,1w',
  ].join('\n')
  await load(file)
  const until = Object.fromEntries(
    (await all()).map(({ scope, pausedUntil }) => [scope.slice(0, 1), pausedUntil]),
  )
  expect(until).toMatchObject({
    a: Date.UTC(2026, 5, 30, 15),
    b: Date.UTC(2026, 6, 1, 16, 30),
    c: Date.UTC(2026, 5, 30, 22),
    d: Date.UTC(2026, 6, 1),
    e: Date.UTC(2026, 5, 30, 22),
    f: NOW + 7 * DAY,
  })
})

test('without a time zone column, a date starts in the time zone that is set for the scope', async () => {
  const { state, load, all } = await scheduled()
  await prefer(state, 'a@example.com', { time_zone: 'Asia/Tokyo' })
  await load('scope,paused_until\na@example.com,2026-07-01')
  expect(await all()).toMatchObject([{ timeZone: 'Asia/Tokyo', pausedUntil: Date.UTC(2026, 5, 30, 15) }])
})

test('50,000 lines: every fault is reported, and good lines are all set with few statements', {
  timeout: 60_000,
}, async () => {
  const { load, statements, state } = await scheduled()
  const lines = (language: string) =>
    Array.from({ length: 50_000 }, (_, index) => `reader-${index}@d${index % 500}.example,${language}`)
  const refused = load(['scope,language', ...lines('tlh')].join('\n'))
  const { faults } = await refused.catch(error => error)
  expect(faults).toHaveLength(50_000)
  expect([faults[0].line, faults.at(-1).line]).toEqual([2, 50_001])
  statements.length = 0
  expect(await load(['scope,language', ...lines('de')].join('\n'))).toMatchObject({ set: 50_000 })
  expect(statements.length).toBeLessThan(410)
  const { count } = await state.sql
    .selectFrom('digest_preference')
    .select(({ fn }) => fn.countAll().as('count'))
    .executeTakeFirstOrThrow()
  expect(Number(count)).toBe(50_000)
})

test('schedules that leave out mail give one warning, however many lines name them', async () => {
  const { load, deps } = await scheduled()
  const names = ['a', 'b', 'c', 'd']
  for (const name of names) {
    await setSchedule(deps, root, name, { crons: ['0 6 * * *'], filter: { maxScore: 10 } })
  }
  const lines = Array.from({ length: 8 }, (_, index) => `r${index}@example.com,${names[index % 4]}`)
  const file = ['scope,schedules', '@example.org,a daily', ...lines].join('\n')
  const warnings = [expect.stringContaining('which is never listed: a; b; c; …. Name')]
  expect(await load(file, { dryRun: true })).toMatchObject({ warnings })
  expect(await load(file)).toMatchObject({ set: 9, warnings })
  expect(await load('scope,schedules\nr1@example.com,a daily')).toMatchObject({ set: 1, warnings: [] })
})
