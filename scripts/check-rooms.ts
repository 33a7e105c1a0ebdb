// Part of `npm run lint`: refuses imports of a higher floor or of an adapter, files or rooms that import each other,
// and rooms with too many files.
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { readImports } from './rooms/read-imports.ts'
import { adapterImports, countRooms, faultsOf } from './rooms/room-graph.ts'

const { files, packages } = readImports(process.argv[2] ?? fileURLToPath(new URL('../src', import.meta.url)))
const faults = [...faultsOf(files), ...adapterImports(files, packages)]
for (const fault of faults) process.stderr.write(`${fault}\n`)
process.stderr.write(
  `${files.size} files in ${countRooms(files)} rooms: ${faults.length === 0 ? 'no cycles' : `${faults.length} faults`}.\n`,
)
process.exitCode = faults.length === 0 ? 0 : 1
