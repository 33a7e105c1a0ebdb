// `npm run compile-templates`: compiles `templates/digest.mjml` to a file beside it, so that no command has to.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compiledMjml, compiledName } from '../src/ground/templates/compiled-mjml.ts'

const path = fileURLToPath(new URL('../templates/digest.mjml', import.meta.url))
writeFileSync(compiledName(path), await compiledMjml(readFileSync(path, 'utf8'), 'digest.mjml'))
