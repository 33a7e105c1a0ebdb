import { expect, test } from 'vitest'
import { escaped } from '../../../src/doors/cli/escaped.ts'
import { migrate } from '../../servers/in-process.ts'
import { command, configured } from './command.ts'
import { inThisProcess } from './in-this-process.ts'

const ODD = '\u001b]0;owned\u0007\r\n\u009b2J\u202e'
const SHOWN = String.raw`\u001b]0;owned\u0007\u000d\n\u009b2J\u202e`

test('commander shows control characters of the arguments escaped', async () => {
  const lines = [
    [`st${ODD}atus`],
    ['status', ODD],
    ['status', `--a${ODD}ll`],
    ['release', `--${ODD}`],
    ['demo', '--port', ODD],
    ['demo', `--port=${ODD}`],
    ['completion', ODD],
    ['keys', 'api', 'create', 'x', '--scope', ODD],
    ['help', ODD],
  ]
  for (const line of lines) {
    const { status, stdout, stderr } = await inThisProcess(...line)
    expect({ line, status, stdout }).toEqual({ line, status: 2, stdout: '' })
    expect(controlsIn(stderr)).toEqual([])
  }
})

test('so do our own messages, whichever argument they quote', async () => {
  const { config } = configured()
  await migrate(config)
  const lines = [
    ['run', '--recipient', ODD],
    ['run', '--schedule', ODD],
    ['preview', '--recipient', `a${ODD}@example.com`],
    ['preview', '--recipient', 'alice@example.com', '--out', `/nowhere/${ODD}`],
    ['release', ODD, '--recipient', `${ODD}@example.com`],
    ['schedules', 'remove', ODD],
    ['schedules', 'set', ODD, '--cron', ODD],
    ['schedules', 'set', 'x', '--timezone', ODD],
    ['recipients', 'set', ODD, '--language', ODD],
    ['recipients', 'set', 'alice@example.com', '--clear', ODD],
    ['recipients', 'remove', `${ODD}@example.com`],
    ['recipients', 'import', `/nowhere/${ODD}`],
    ['recipients', 'list', `--domain=${ODD}`],
    ['keys', 'api', 'revoke', ODD],
    ['status', '--retry', ODD],
  ]
  for (const line of lines) {
    // A run listens for signals of its process.
    const asked = line[0] === 'run' ? command : inThisProcess
    const { stdout, stderr } = await asked(...line, '--config', config)
    expect({ line, found: controlsIn(stdout + stderr) }).toEqual({ line, found: [] })
  }
  const { stderr } = await inThisProcess('status', '--config', `/nowhere/${ODD}`)
  expect(stderr).toContain(`The configuration /nowhere/${SHOWN} has 1 fault:\n`)
})

test('a message keeps its own line breaks', () => {
  expect(escaped('one\ntwo a\nb', ['a\nb'])).toBe('one\ntwo a\\nb')
  expect(escaped('one\ntwo', ['two'])).toBe('one\ntwo')
  expect(escaped('$& "\u007f"', ['$&'])).toBe('$& "\\u007f"')
  expect(escaped('Zoë, 山田, 👩‍👧', [])).toBe('Zoë, 山田, 👩‍👧')
})

/** Our own messages break lines, so a line break counts only together with a carriage return. */
const controlsIn = (text: string): string[] => text.match(/\r|[^\n\P{Cc}]|[\u202e]/gu) ?? []
