// `npm run generate`: writes what is made from the definitions of commands and options: the completions for shells, the
// manual page and the JSON Schema of the configuration.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generatedFiles } from './generated/generated-files.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
for (const [path, text] of await generatedFiles()) {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
