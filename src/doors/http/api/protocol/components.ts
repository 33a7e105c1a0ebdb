import { z } from 'zod'

/** The schemas that have a name in the OpenAPI document. */
const components = z.registry<{ readonly id: string }>()

/** Gives a schema its name in the OpenAPI document. */
export function component<Schema extends z.ZodType>(id: string, schema: Schema): Schema {
  components.add(schema, { id })
  return schema
}

/** Where the OpenAPI document has this schema. */
export function referenceTo(schema: z.ZodType): { readonly $ref: string } {
  const id = components.get(schema)?.id
  if (id === undefined) throw new TypeError('a body of the API has no name: see component()')
  return { $ref: uriOf(id) }
}

/** All of them, as JSON Schema 2020-12, by their names. */
export function componentSchemas(): Readonly<Record<string, object>> {
  const { schemas } = z.toJSONSchema(components, { ...OPTIONS, uri: uriOf })
  return Object.fromEntries(
    Object.entries(schemas)
      .map(([id, schema]) => [id, bare(schema)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/** A small schema that stands where it is used. */
export const inlineSchema = (schema: z.ZodType): JsonSchema => bare(z.toJSONSchema(schema, OPTIONS))

export type JsonSchema = Omit<z.core.JSONSchema.BaseSchema, '$schema' | '$id'>

/** As callers write it, not as the program reads it. */
const OPTIONS = { target: 'draft-2020-12', io: 'input' } as const

const uriOf = (id: string): string => `#/components/schemas/${id}`

const bare = ({ $schema: _, $id: __, ...schema }: z.core.JSONSchema.BaseSchema): JsonSchema => schema
