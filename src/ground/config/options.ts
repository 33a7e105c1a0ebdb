import { z } from 'zod'
import { configSchema } from './schema.ts'

/** One option: a place in the configuration that holds a value rather than a section. */
export interface Option {
  readonly path: readonly string[]
  readonly isText: boolean
  readonly isList: boolean
  /** Holds a password or a key: it may be read from a file, and is never shown. */
  readonly isSecret: boolean
  readonly description: string
  readonly defaultValue: unknown
}

const SCHEMA = z.toJSONSchema(configSchema, { io: 'input' }) as JsonSchema

/** Every option of the schema, in its order. */
export const OPTIONS: readonly Option[] = optionsOf(SCHEMA)

/** What each section is about, by its dotted path. */
export const SECTION_DESCRIPTIONS: ReadonlyMap<string, string> = new Map(sectionsOf(SCHEMA))

/** The keys of a section; undefined when the path is not a section. */
export function keysOf(path: readonly PropertyKey[]): string[] | undefined {
  const names = path.filter(key => typeof key === 'string')
  const options = OPTIONS.filter(option => names.every((name, depth) => option.path[depth] === name))
  const keys = options.flatMap(option => option.path[names.length] ?? [])
  return keys.length > 0 ? [...new Set(keys)] : undefined
}

interface JsonSchema {
  readonly type?: string
  readonly description?: string
  readonly secret?: boolean
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly anyOf?: readonly JsonSchema[]
}

function optionsOf(schema: JsonSchema, path: readonly string[] = []): Option[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, property]) =>
    property.properties ? optionsOf(property, [...path, key]) : [optionOf(property, [...path, key])],
  )
}

function sectionsOf(schema: JsonSchema, path: readonly string[] = []): [string, string][] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, section]) => {
    if (!section.properties) return []
    const sectionPath = [...path, key]
    const own: [string, string][] = section.description ? [[sectionPath.join('.'), section.description]] : []
    return [...own, ...sectionsOf(section, sectionPath)]
  })
}

function optionOf(schema: JsonSchema, path: readonly string[]): Option {
  return {
    path,
    isText: [schema, ...(schema.anyOf ?? [])].some(form => form.type === 'string'),
    isList: schema.type === 'array',
    isSecret: schema.secret === true,
    description: schema.description ?? '',
    defaultValue: schema.default,
  }
}
