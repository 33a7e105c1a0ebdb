import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { CLI } from '../../../servers/cli-file.ts'
import { migrate } from '../../../servers/in-process.ts'
import { configured, type Result } from '../command.ts'
import { inThisProcess } from '../in-this-process.ts'

test('one command gives a domain a schedule at 7 and 15 o’clock on weekdays in its own time zone', async () => {
  const { schedules } = await migrated()
  const set = await schedules(
    ...['set', 'office', '--cron', '0 7,15 * * 1-5', '--timezone', 'Asia/Tokyo', '--for', '@Example.COM'],
  )
  expect(set).toMatchObject({ status: 0, stdout: '' })
  expect(set.stderr).toMatch(
    /^Made:\n.*\n {2}office {2}0 7,15 \* \* 1-5 {2}Asia\/Tokyo {2}[\d-]{10}T(?:07|15):00:00\+09:00/,
  )
  expect(set.stderr).toContain('It is now the schedule of @example.com; time zone of the mails: Asia/Tokyo.')
  const [first] = jsonOf(await schedules('calendar', '--days', '7', '--json')).filter(
    (run: { schedule: string }) => run.schedule === 'office',
  )
  expect(first).toEqual({
    schedule: 'office',
    at: expect.stringMatching(/T(?:22|06):00:00\.000Z$/),
    timezones: ['Asia/Tokyo'],
    readers: expect.any(Number),
    messages: expect.any(Number),
  })
  const calendar = await schedules('calendar')
  expect(calendar).toMatchObject({ status: 0, stderr: '' })
  expect(calendar.stdout).toMatch(/^ {2}WHEN +TIME ZONE +SCHEDULE +READERS +MESSAGES\n/)
  expect(calendar.stdout.split('\n').filter(line => / office /.test(line)).length).toBeGreaterThanOrEqual(10)
})

test('schedules are seeded, listed, created, changed in part, and shown as JSON', async () => {
  const { schedules } = await migrated()
  const seeded = jsonOf(await schedules('list', '--json'))
  const daily = {
    name: 'daily',
    cron: ['0 6 * * *'],
    timezone: 'UTC',
    default: true,
    on: true,
    filter: null,
    minMessages: 1,
    sendEmpty: false,
    spread: '0s',
    readersMayChoose: false,
    version: 1,
    next: expect.stringMatching(/T06:00:00\.000Z$/),
  }
  expect(seeded).toEqual([daily])
  const made = jsonOf(
    await schedules(
      ...['set', 'spam', '--cron', '0 */2 * * *', '--cron', '30 12 * * 6', '--timezone', 'reader', '--off'],
      ...['--kinds', 'spam,BadHeader', '--min-score', '-5', '--max-score', '12.5', '--min-messages', '3'],
      ...['--send-empty', '--spread', '30m', '--readers-may-choose', '--json'],
    ),
  )
  const spam = {
    ...daily,
    name: 'spam',
    cron: ['0 */2 * * *', '30 12 * * 6'],
    timezone: 'reader',
    default: false,
    on: false,
    filter: { kinds: ['spam', 'badHeader'], minScore: -5, maxScore: 12.5 },
    minMessages: 3,
    sendEmpty: true,
    spread: '30m',
    readersMayChoose: true,
    version: expect.any(Number),
    next: null,
  }
  expect(made).toEqual({ ...spam, created: true, warnings: [], for: [] })
  const parts = ['--on', '--no-send-empty', '--no-readers-may-choose', '--spread', '0', '--min-score', 'none']
  const changed = jsonOf(await schedules('set', 'spam', ...parts, '--cron', '15 6 * * *', '--json'))
  expect(changed).toMatchObject({
    cron: ['15 6 * * *'],
    on: true,
    sendEmpty: false,
    readersMayChoose: false,
    spread: '0s',
    filter: { kinds: ['spam', 'badHeader'], minScore: null, maxScore: 12.5 },
    created: false,
    version: made.version + 1,
  })
  const unfiltered = await schedules(
    'set',
    'spam',
    '--kinds',
    'all',
    '--max-score',
    'none',
    '--default',
    '--json',
  )
  expect(jsonOf(unfiltered)).toMatchObject({ filter: null, default: true })
  const listed = await schedules('list')
  expect(listed).toMatchObject({ status: 0, stderr: '' })
  expect(listed.stdout.split('\n')).toEqual([
    expect.stringMatching(/^ {2}NAME +DUE AT +TIME ZONE +NEXT +NOTES$/),
    expect.stringMatching(/^ {2}daily +0 6 \* \* \* +UTC +\d{4}-\d\d-\d\dT06:00:00\+00:00$/),
    expect.stringMatching(/^ {2}spam +15 6 \* \* \* +each reader's +[\d-]{10}T06:15:00\+00:00 +default, at$/),
    expect.stringMatching(/^ +own +least 3$/),
    expect.stringMatching(/^ +messages$/),
    '',
  ])
})

test('all faults are reported at once with status 2, and nothing is changed', async () => {
  const { schedules } = await migrated()
  const wrong = [
    [['daily', '--cron', '@daily', '--timezone', 'Mars/Phobos'], /"@daily".*\n.*"Mars\/Phobos"/],
    [['daily', '--cron', '0 0 30 2 *'], /is due on some day/],
    [['daily', '--spread', '3 days'], /--spread: expected a span of time such as 30m/],
    [['daily', '--min-messages', '5', '--for', 'nobody'], /expected an address/],
    [['new', '--cron', '0 6 * * *', '--for', 'x@a..b'], /"x@a\.\.b": expected an address/],
    [['--for', '@example.com', '--min-messages', '5'], /Which schedule\?/],
  ] as const
  const results = await Promise.all(wrong.map(([words]) => schedules('set', ...words)))
  for (const [index, { status, stdout, stderr }] of results.entries()) {
    expect({ words: wrong[index]?.[0], status, stdout }).toMatchObject({ status: 2, stdout: '' })
    expect(stderr).toMatch(wrong[index]?.[1] ?? /^$/)
  }
  expect(jsonOf(await schedules('list', '--json'))).toMatchObject([{ minMessages: 1, version: 1 }])
})

test('a schedule in use is removed only with --yes, or after a question at the terminal', async () => {
  const { schedules, config } = await migrated()
  const whom = ['--for', '@example.com', 'alice@example.com']
  const made = await schedules('set', ...whom, 'weekly', '--cron', '* * * * 1', '--json')
  expect(made.stderr).toBe('Warning: It fires more often than every 5 minutes: that is many mails.\n')
  expect(jsonOf(made).for).toMatchObject([
    { scope: '@example.com', schedules: ['weekly'] },
    { scope: 'alice@example.com', schedules: ['weekly'] },
  ])
  const refused = await schedules('remove', 'weekly')
  expect(refused).toMatchObject({ status: 2, stdout: '' })
  expect(refused.stderr).toMatch(/The schedule weekly is used by 1 domain and 1 reader\..* add --yes\.\n$/)
  const asked = await atTerminal('no\n', 'schedules', 'remove', 'weekly', '--config', config)
  expect(asked).toMatch(/used by 1 domain.*Remove it\? \[y\/N\]/)
  expect(asked).toContain('Nothing was removed.')
  const agreed = await atTerminal('y\n', 'schedules', 'remove', 'weekly', '--json', '--config', config)
  expect(agreed).toContain('{"removed":"weekly","fallenBack":2,')
  expect(await schedules('remove', 'weekly', '--yes')).toMatchObject({
    status: 2,
    stderr: 'amavis-digest: There is no schedule weekly. There are: daily.\n',
  })
})

/** A configuration whose tables exist but are empty: no service has ever run. */
async function migrated() {
  const { config } = configured()
  const ask =
    (...words: readonly string[]) =>
    (...more: readonly string[]) =>
      inThisProcess(...words, ...more, '--config', config)
  await migrate(config)
  return { config, schedules: ask('schedules') }
}

function jsonOf(result: Result) {
  expect(result).toMatchObject({ status: 0 })
  return JSON.parse(result.stdout)
}

/** Runs a command at a terminal of its own, and types an answer. @returns everything that the terminal showed */
async function atTerminal(typed: string, ...args: readonly string[]): Promise<string> {
  const words = [process.execPath, CLI, ...args].join(' ')
  const child = spawn('script', ['-qec', words, '/dev/null'], { stdio: ['pipe', 'pipe', 'ignore'] })
  child.stdout.once('data', () => child.stdin.write(typed))
  const shown = await text(child.stdout)
  child.stdin.end()
  return shown
}
