/**
 * The official JSON Schema of OpenAPI 3.1, without the parts that we do not use
 * (https://spec.openapis.org/oas/3.1/schema/2022-10-07).
 */
export const OPENAPI_FORM = {
  type: 'object',
  required: ['openapi', 'info', 'paths'],
  additionalProperties: false,
  properties: {
    openapi: { type: 'string', pattern: '^3\\.1\\.\\d+$' },
    info: {
      type: 'object',
      required: ['title', 'version'],
      additionalProperties: false,
      properties: {
        title: { type: 'string' },
        version: { type: 'string' },
        description: { type: 'string' },
        license: {
          type: 'object',
          required: ['name'],
          properties: { name: { type: 'string' }, identifier: { type: 'string' } },
          additionalProperties: false,
        },
      },
    },
    servers: {
      type: 'array',
      items: {
        type: 'object',
        required: ['url'],
        properties: { url: { type: 'string' } },
        additionalProperties: false,
      },
    },
    security: { $ref: '#/$defs/security' },
    tags: {
      type: 'array',
      uniqueItems: true,
      items: { $ref: '#/$defs/tag' },
    },
    paths: {
      type: 'object',
      additionalProperties: false,
      patternProperties: { '^/': { $ref: '#/$defs/pathItem' } },
    },
    components: {
      type: 'object',
      additionalProperties: false,
      properties: {
        schemas: {
          type: 'object',
          propertyNames: { pattern: '^[a-zA-Z0-9._-]+$' },
          additionalProperties: { $ref: '#/$defs/schema' },
        },
        examples: {
          type: 'object',
          propertyNames: { pattern: '^[a-zA-Z0-9._-]+$' },
          additionalProperties: {
            type: 'object',
            required: ['value'],
            properties: { value: {} },
            additionalProperties: false,
          },
        },
        securitySchemes: {
          type: 'object',
          additionalProperties: {
            type: 'object',
            required: ['type', 'scheme'],
            additionalProperties: false,
            properties: {
              type: { const: 'http' },
              scheme: { type: 'string' },
              description: { type: 'string' },
            },
          },
        },
      },
    },
  },
  $defs: {
    tag: {
      type: 'object',
      required: ['name'],
      properties: { name: { type: 'string' }, description: { type: 'string' } },
      additionalProperties: false,
    },
    reference: {
      type: 'object',
      required: ['$ref'],
      properties: { $ref: { type: 'string' } },
      additionalProperties: false,
    },
    security: {
      type: 'array',
      items: { type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } },
    },
    pathItem: {
      type: 'object',
      additionalProperties: false,
      patternProperties: { '^(get|put|post|delete|patch)$': { $ref: '#/$defs/operation' } },
    },
    operation: {
      type: 'object',
      required: ['operationId', 'responses'],
      additionalProperties: false,
      properties: {
        operationId: { type: 'string' },
        tags: { type: 'array', items: { type: 'string' } },
        summary: { type: 'string' },
        description: { type: 'string' },
        security: { $ref: '#/$defs/security' },
        parameters: { type: 'array', uniqueItems: true, items: { $ref: '#/$defs/parameter' } },
        requestBody: {
          type: 'object',
          required: ['content'],
          additionalProperties: false,
          properties: { required: { type: 'boolean' }, content: { $ref: '#/$defs/content' } },
        },
        responses: {
          type: 'object',
          minProperties: 1,
          additionalProperties: false,
          patternProperties: { '^[1-5][0-9]{2}$': { $ref: '#/$defs/response' } },
        },
      },
    },
    parameter: {
      type: 'object',
      required: ['name', 'in', 'schema'],
      additionalProperties: false,
      properties: {
        name: { type: 'string' },
        in: { enum: ['path', 'query', 'header'] },
        required: { type: 'boolean' },
        description: { type: 'string' },
        example: {},
        schema: { $ref: '#/$defs/schema' },
      },
      if: { properties: { in: { const: 'path' } } },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { required: ['required'], properties: { required: { const: true } } },
    },
    response: {
      type: 'object',
      required: ['description'],
      additionalProperties: false,
      properties: {
        description: { type: 'string', minLength: 1 },
        headers: {
          type: 'object',
          additionalProperties: {
            type: 'object',
            required: ['schema'],
            properties: { description: { type: 'string' }, schema: { $ref: '#/$defs/schema' } },
            additionalProperties: false,
          },
        },
        content: { $ref: '#/$defs/content' },
      },
    },
    content: {
      type: 'object',
      minProperties: 1,
      propertyNames: { pattern: '^[a-z]+/[a-z+.-]+$' },
      additionalProperties: {
        type: 'object',
        properties: {
          schema: { $ref: '#/$defs/schema' },
          example: {},
          examples: { type: 'object', additionalProperties: { $ref: '#/$defs/reference' } },
        },
        // One or the other, not both.
        not: { required: ['example', 'examples'] },
        additionalProperties: false,
      },
    },
    schema: { $ref: 'https://json-schema.org/draft/2020-12/schema' },
  },
}
