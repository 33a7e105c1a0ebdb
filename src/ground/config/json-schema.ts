import { z } from 'zod'
import { configSchema } from './schema.ts'

/** The JSON Schema of the configuration file, for editors: draft 7, which all of them know. */
export const configJsonSchema = (): object => ({
  title: 'The configuration of amavis-digest',
  ...z.toJSONSchema(configSchema, {
    io: 'input',
    target: 'draft-7',
    override({ jsonSchema, path }) {
      delete jsonSchema.secret
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      // A section whose keys are all commented out is null in YAML.
      const isSection = jsonSchema.type === 'object' && path.length === 2
      if (isSection) Object.assign(jsonSchema, { type: ['object', 'null'] })
    },
  }),
})
