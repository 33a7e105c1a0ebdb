import { runCommandLine } from './command-line.ts'
import { printNote } from './doors/cli/context.ts'
import { surviveLostOutput } from './doors/cli/output.ts'

surviveLostOutput(printNote)
// Most commands need neither the whole program nor the demo.
await runCommandLine({
  createApp: async (...request) => (await import('./app.ts')).createApp(...request),
  runDemo: async request => (await import('./demo/demo.ts')).runDemo(request),
})
