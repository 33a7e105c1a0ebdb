import { stringify } from 'yaml'
import type { Finding } from './amavis/finding.ts'
import { schemaUrl } from './json-schema-file.ts'
import { OPTIONS, type Option, SECTION_DESCRIPTIONS } from './options.ts'

/**
 * The configuration file that a new admin starts from, with the meaning of every option. An option that must be set has
 * the value that was found, or an example to check. One with a default is commented out; removing the `#` sets it.
 *
 * @param settings the values that were found, by the dotted path of the option
 */
export function commentedConfig(settings: ReadonlyMap<string, Finding>): string {
  const sections = Map.groupBy(OPTIONS, option => option.path.slice(0, -1).join('.'))
  const lines = [...sections].flatMap(([section, options]) => [
    ...(section ? headingOf(section) : []),
    ...options.flatMap(option => linesOf(option, settings.get(option.path.join('.')))),
  ])
  return `${HEADER}\n${lines.join('\n')}\n`
}

const HEADER = `# yaml-language-server: $schema=${schemaUrl()}
# The configuration of amavis-digest. A line that begins with #key shows a default: remove the # to change it.
# Every key can be set by the environment instead: storage.url by AMAVIS_DIGEST_STORAGE_URL. A key that holds a
# password can also be read from a file: AMAVIS_DIGEST_STORAGE_URL_FILE gives its path.`

/** Examples for options that have no default, or none that fits everybody. */
const EXAMPLES: Readonly<Record<string, unknown>> = {
  publicUrl: 'https://quarantine.example.com',
  schedules: [
    {
      name: 'daily',
      cron: '0 6 * * *',
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      default: true,
    },
  ],
  admins: ['postmaster@example.com'],
  'storage.url': 'mysql://amavis_storage:xxxx@127.0.0.1:3306/amavis_storage',
  'smtp.url': 'smtp://127.0.0.1:10025',
  'smtp.from': 'Mail quarantine <quarantine@example.com>',
}

function headingOf(section: string): string[] {
  const parts = section.split('.')
  const indent = '  '.repeat(parts.length - 1)
  const description = SECTION_DESCRIPTIONS.get(section)
  const isOptional = parts.length > 1
  return [
    '',
    ...(description ? [`${indent}# ${description}`] : []),
    `${indent}${isOptional ? '#' : ''}${parts.at(-1)}:`,
  ]
}

function linesOf(option: Option, finding: Finding | undefined): string[] {
  const key = option.path.join('.')
  const indent = '  '.repeat(option.path.length - 1)
  const isTopLevel = option.path.length === 1
  return [
    ...(isTopLevel ? [''] : []),
    ...(option.description ? [`${indent}# ${option.description}`] : []),
    `${indent}${settingOf(key, option, finding)}`,
  ]
}

function settingOf(key: string, option: Option, finding: Finding | undefined): string {
  const name = option.path.at(-1) ?? ''
  if (finding)
    return `${finding.isOffer === true ? '#' : ''}${name}: ${flow(finding.value)}   # ${finding.source}`
  const example = EXAMPLES[key]
  if (example !== undefined) return `${name}: ${flow(example)}   # CHECK: an example`
  return `#${name}:${option.defaultValue === undefined ? '' : ` ${flow(option.defaultValue)}`}`
}

function flow(value: unknown): string {
  const quoting = typeof value === 'object' ? 'QUOTE_DOUBLE' : 'PLAIN'
  const options = {
    collectionStyle: 'flow',
    lineWidth: 0,
    defaultStringType: quoting,
    defaultKeyType: 'PLAIN',
  } as const
  return stringify(value, options).trim()
}
