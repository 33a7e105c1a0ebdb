import { getBuiltinModule } from 'node:process'

/**
 * Node's HTTP. An `import` of `node:http` asks it for all that it exports, and so loads a client for WebSockets, too,
 * with HTTP/2: 3 MB of heap in a process that does nothing else.
 */
export const { createServer, request: requestByHttp } = getBuiltinModule('node:http')
