// `npm run build`: writes `dist/` from scratch, so that a package contains no file whose source is gone.
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { bundleProgram } from './bundle.ts'

const dist = fileURLToPath(new URL('../dist', import.meta.url))
rmSync(dist, { recursive: true, force: true })
await bundleProgram(`${dist}/src`)
