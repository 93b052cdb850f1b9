// SPDX-License-Identifier: MIT
// fetch() for the suite's runner, answered by the bridge: a process with a cache (line.h).
import { spawn } from 'node:child_process'
import readline from 'node:readline'

const ANSWER_LIMIT_MS = 10000

// An error whose name the suite keeps as the kind of failure.
function namedError (name, message) {
  return Object.assign(new Error(message), { name })
}

// The part of a fetch Response that the suite looks at; `new Response` refuses a status of 999.
class Answer {
  constructor (line) {
    this.status = line.status
    this.statusText = line.reason
    this.headers = new Headers(line.headers)
    this.body = Buffer.from(line.body ?? '', 'base64')
  }

  async text () {
    return this.body.toString('utf8')
  }
}

export class Bridge {
  constructor (program, args) {
    this.pending = new Map()
    this.nextId = 1
    this.broken = null
    this.child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.child.stdin.on('error', error => this.fail(`the bridge's stdin: ${error.message}`))
    this.child.on('error', error => this.fail(`the bridge does not start: ${error.message}`))
    this.exited = new Promise(resolve => {
      this.child.on('close', (code, signal) => {
        if (this.pending.size > 0) this.fail('the bridge ended before it had answered')
        resolve(signal ?? code)
      })
    })
    readline.createInterface({ input: this.child.stdout }).on('line', line => this.take(line))
  }

  // Nothing that comes after this counts.
  fail (why) {
    this.broken ??= why
    for (const waiting of this.pending.values()) waiting.reject(namedError('Bridge', why))
    this.pending.clear()
  }

  take (text) {
    let line
    try {
      line = JSON.parse(text)
    } catch {
      return this.fail('a line of the bridge is not JSON')
    }
    const waiting = this.pending.get(line.id)
    // No entry: the answer to a request that has been given up.
    if (waiting === undefined) return
    this.pending.delete(line.id)
    if ('error' in line) return waiting.reject(new TypeError(line.error))
    waiting.resolve(new Answer(line))
  }

  ask (request) {
    if (this.broken !== null) return Promise.reject(namedError('Bridge', this.broken))
    const id = this.nextId++
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.pending.delete(id)
        reject(namedError('AbortError', `no answer within ${ANSWER_LIMIT_MS / 1000} s`))
      }, ANSWER_LIMIT_MS)
      this.pending.set(id, {
        resolve: answer => { clearTimeout(timer); resolve(answer) },
        reject: error => { clearTimeout(timer); reject(error) }
      })
      this.child.stdin.write(JSON.stringify({ id, ...request }) + '\n')
    })
  }

  // The exit status, or the signal's name.
  async end () {
    this.child.stdin.end()
    const killer = setTimeout(() => this.child.kill('SIGKILL'), 2 * ANSWER_LIMIT_MS)
    const status = await this.exited
    clearTimeout(killer)
    return status
  }

  kill () {
    this.child.kill('SIGKILL')
  }
}

function has (headers, name) {
  return headers.some(([given]) => given.toLowerCase() === name)
}

// What the cache mode of a request adds to its fields (Fetch 4.6, steps 8.15 and 8.16).
function fieldsOfMode (mode, headers) {
  if (mode === 'no-cache' && !has(headers, 'cache-control')) {
    return [['Cache-Control', 'max-age=0']]
  }
  if (mode !== 'no-store' && mode !== 'reload') return []
  return [['Pragma', 'no-cache'], ['Cache-Control', 'no-cache']]
    .filter(([name]) => !has(headers, name.toLowerCase()))
}

// fetch(): the tests' own requests go through the bridge, those to the suite's bookkeeping do
// not. A runner that is no browser passes a cache mode that is meant for fetch alone.
export function makeFetch (bridge, honoursMode) {
  return async (url, init = {}) => {
    if (!new URL(url).pathname.startsWith('/test/')) return fetch(url, init)
    const headers = (init.headers ?? []).map(([name, value]) => [name, String(value)])
    const mode = honoursMode ? init.cache ?? 'default' : 'default'
    const body = init.body == null ? null : Buffer.from(init.body).toString('base64')
    return bridge.ask({
      method: init.method ?? 'GET',
      url,
      headers: headers.concat(fieldsOfMode(mode, headers)),
      body,
      cache: mode
    })
  }
}

