import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { generatedFiles } from '../../../scripts/generated/generated-files.ts'
import { commentedConfig } from '../../../src/ground/config/commented-config.ts'
import { SCHEMA_FILE, schemaUrl } from '../../../src/ground/config/json-schema-file.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const MAN = `${ROOT}packaging/amavis-digest.1`
const BASH = `${ROOT}packaging/completions/amavis-digest.bash`
const ZSH = `${ROOT}packaging/completions/_amavis-digest`
const FISH = `${ROOT}packaging/completions/amavis-digest.fish`

test('the files are what the definitions make: after a change of them, npm run generate', async () => {
  for (const [path, text] of await generatedFiles()) {
    expect({ path, isCurrent: readFileSync(ROOT + path, 'utf8') === text }).toEqual({ path, isCurrent: true })
  }
})

const has = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0

const outputOf = (program: string, args: readonly string[]): string =>
  execFileSync(program, args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

/** Command lines with the cursor at their end, and what the last word may become. */
const COMPLETED = [
  ['sch', ['schedules']],
  ['schedules ', ['calendar', 'list', 'remove', 'set']],
  ['keys api ', ['create', 'list', 'revoke']],
  [
    'keys api create x --scope ',
    ['held:download', 'held:read', 'held:release', 'read', 'requests:decide', 'senders:write', 'write'],
  ],
  ['completion ', ['bash', 'fish', 'zsh']],
  ['--config x run --dr', ['--dry-run']],
  // A value that looks like a command is none.
  ['run --recipient status --sch', ['--schedule']],
  ['recipients import ./tsconfig.j', ['./tsconfig.json']],
  ['status --config ./tsconfig.j', ['./tsconfig.json']],
] as const

test('bash completes commands, options and their values', () => {
  const script = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _amavis_digest
    printf '%s\\n' "\${COMPREPLY[@]}"`
  const completed = (words: readonly string[]) =>
    outputOf('bash', ['--norc', '-c', script, 'bash', BASH, 'amavis-digest', ...words])
      .trim()
      .split('\n')
      .sort()
  for (const [line, expected] of COMPLETED) expect(completed(line.split(' '))).toEqual(expected)
  // Bash splits a word at its equals sign.
  expect(completed(['keys', 'api', 'create', '--scope', '=', 'w'])).toEqual(['write'])
})

test.skipIf(!has('fish'))('so does fish', () => {
  for (const [line, expected] of COMPLETED) {
    const script = `source $argv[1]; complete -C "amavis-digest $argv[2]"`
    const lines = outputOf('fish', ['--no-config', '-c', script, FISH, line]).trim().split('\n')
    expect(lines.map(one => one.split('\t')[0]).sort()).toEqual(expected)
  }
})

test.skipIf(!has('zsh'))('zsh reads its script, and knows whose it is', () => {
  const script =
    'autoload -Uz compinit; compinit -u -D; source $1; print $_comps[amavis-digest]; whence -w $_comps[amavis-digest]'
  expect(outputOf('zsh', ['-f', '-c', script, 'zsh', ZSH])).toBe('_amavis-digest\n_amavis-digest: function\n')
})

test.skipIf(!existsSync('/usr/bin/groff'))('the manual page has no fault, and every command', () => {
  const { stdout, stderr } = spawnSync('groff', ['-man', '-ww', '-Tascii', '-P-cbou', MAN], {
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  for (const command of ['demo', 'recipients import', 'schedules set', 'keys api create', 'completion'])
    expect(stdout).toMatch(new RegExp(`^   ${command}`, 'm'))
  expect(stdout).toContain('--recipient <address>')
  expect(stdout).toContain('amavis-digest keys api create desk --scope held:release')
})

const validates = new Ajv({ allErrors: true }).compile(JSON.parse(readFileSync(ROOT + SCHEMA_FILE, 'utf8')))

/** What the schema finds wrong, as paths with the fault. */
function faultsOf(yaml: string): string[] {
  return validates(parse(yaml))
    ? []
    : (validates.errors ?? []).map(fault => `${fault.instancePath} ${fault.message}`)
}

const sample = (): string =>
  /```yaml\n(publicUrl:[\s\S]*?)```/.exec(readFileSync(`${ROOT}README.md`, 'utf8'))?.[1] ?? ''

test('the schema accepts what the README and init write, and a section whose keys are all commented out', () => {
  expect(sample()).toContain('smtp:')
  expect(faultsOf(sample())).toEqual([])
  const written = commentedConfig(new Map())
  expect(written).toMatch(/^# yaml-language-server: \$schema=file:\/\/\/\S+\n/)
  expect(written).toContain(`$schema=${schemaUrl()}\n`)
  expect(existsSync(fileURLToPath(schemaUrl()))).toBe(true)
  expect(faultsOf(written)).toEqual([])
  expect(
    faultsOf(
      `${sample()}http:\nadmins: [{ address: a@example.com, domains: [example.com] }]\n`.replace(
        /^admins: \[p.*\n/m,
        '',
      ),
    ),
  ).toEqual([])
})

test('the schema finds misspelt keys, values of a wrong type or form, and what is missing', () => {
  const changed = (from: string | RegExp, to: string) => faultsOf(sample().replace(from, to))
  expect(changed('smtp:', 'smpt:')).toEqual([
    " must have required property 'smtp'",
    ' must NOT have additional properties',
  ])
  expect(changed('via:', 'viaa:')).toEqual(['/release must NOT have additional properties'])
  expect(changed('release:', 'links: { lifetime: 14 }\nrelease:')).toEqual(['/links/lifetime must be string'])
  expect(changed('release:', 'links: { lifetime: soon }\nrelease:')[0]).toMatch(
    /^\/links\/lifetime must match pattern/,
  )
  expect(changed('mysql://', 'oracle://')[0]).toMatch(/^\/storage\/url must match pattern/)
  expect(changed('release:', 'log: { level: loud }\nrelease:')).toEqual([
    '/log/level must be equal to one of the allowed values',
  ])
})
