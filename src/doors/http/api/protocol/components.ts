import { z } from 'zod'

/** The schemas that have a name in the OpenAPI document. */
const components = z.registry<{ readonly id: string }>()

const examples = new WeakMap<z.ZodType, unknown>()

/** Gives a schema its name in the OpenAPI document, and the example that requests and responses show. */
export function component<Schema extends z.ZodType>(
  id: string,
  schema: Schema,
  example: z.input<Schema>,
): Schema {
  components.add(schema, { id })
  examples.set(schema, example)
  return schema
}

/** Returns the example of a component. */
export function exampleOf<Schema extends z.ZodType>(schema: Schema): z.input<Schema> {
  if (!examples.has(schema)) throw new TypeError('a body of the API has no example: see component()')
  return examples.get(schema) as z.input<Schema>
}

/** Returns the place of a component in the OpenAPI document. */
export function referenceTo(schema: z.ZodType): { readonly $ref: string } {
  const id = components.get(schema)?.id
  if (id === undefined) throw new TypeError('a body of the API has no name: see component()')
  return { $ref: uriOf(id) }
}

/** Returns all components as JSON Schema 2020-12, by their names. */
export function componentSchemas(): Readonly<Record<string, object>> {
  const { schemas } = z.toJSONSchema(components, { ...OPTIONS, uri: uriOf, override: withoutExample })
  return Object.fromEntries(
    Object.entries(schemas)
      .map(([id, schema]) => [id, bare(schema)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/** Returns a small schema as JSON Schema, for the place where it is used. */
export const inlineSchema = (schema: z.ZodType): JsonSchema => bare(z.toJSONSchema(schema, OPTIONS))

/** Returns a small schema, its description and its example separately, as OpenAPI requires for a parameter. */
export function describedSchema(zodSchema: z.ZodType): Described {
  const { description, example, ...schema } = inlineSchema(zodSchema)
  return { description, example, schema }
}

interface Described {
  readonly description: string | undefined
  readonly example: unknown
  readonly schema: JsonSchema
}

export type JsonSchema = z.core.JSONSchema.BaseSchema

/** Describes what callers send, not what the program turns it into. */
const OPTIONS = { target: 'draft-2020-12', io: 'input', override: withoutNoise } as const

/**
 * Removes what Zod adds needlessly: the bounds of the integers that a double holds exactly, and the pattern of a date
 * that has a format.
 */
function withoutNoise({ jsonSchema }: { readonly jsonSchema: JsonSchema }): void {
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
  if (jsonSchema.format === 'date-time' || jsonSchema.format === 'date') delete jsonSchema.pattern
}

/** A component has one example for all of it, so its properties have none. */
function withoutExample(context: { readonly jsonSchema: JsonSchema }): void {
  withoutNoise(context)
  delete context.jsonSchema.example
}

const uriOf = (id: string): string => `#/components/schemas/${id}`

const bare = ({ $schema: _, $id: __, ...schema }: JsonSchema): JsonSchema => schema
