// SPDX-License-Identifier: MIT
// Run the public conformance suite (npm package http-cache-tests) through the bridge; TAP.
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import readline from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

import { Bridge, makeFetch } from './bridge.mjs'
import { checkLists, judge, readList, weigh } from './verdicts.mjs'

const HERE = path.dirname(fileURLToPath(import.meta.url))
const VERSION = '0.4.5'
const USAGE = `usage: node run.mjs --bridge PROGRAM --package DIRECTORY --profile private|shared
                    [--at-once COUNT] [--results FILE] [--id TEST]
  --package   where http-cache-tests ${VERSION} is unpacked
  --at-once   so many tests in flight (25)
  --results   write what each test said to FILE, as JSON
  --id        one test alone, with all fields of both sides; the lists are not looked at
`

// Marked by the suite as not for browsers because they are about a shared cache. The others so
// marked are only those whose effect a page cannot see.
const SHARED_ONLY = new Set(['freshness-s-maxage-shared',
  'freshness-max-age-s-maxage-shared-longer', 'freshness-max-age-s-maxage-shared-longer-reversed',
  'freshness-max-age-s-maxage-shared-longer-multiple', 'freshness-max-age-s-maxage-shared-shorter',
  'freshness-max-age-s-maxage-shared-shorter-expires', 'cc-resp-private-shared',
  'other-authorization', 'other-authorization-public', 'other-authorization-must-revalidate',
  'other-authorization-smaxage'])

const KINDS = ['required', 'optimal', 'check']
const PROFILES = {
  private: {
    includes: test => !SHARED_ONLY.has(test.id),
    browser: true,
    arguments: [],
    counts: [154, 83, 86]
  },
  shared: {
    includes: test => test.browser_only !== true,
    browser: false,
    arguments: ['--shared'],
    counts: [157, 86, 86]
  }
}

const kindOf = test => test.kind ?? 'required'
const say = text => process.stdout.write(text + '\n')
const remark = text => say('# ' + text)

function options () {
  const { values } = parseArgs({
    options: Object.fromEntries(['bridge', 'package', 'profile', 'at-once', 'results', 'id']
      .map(name => [name, { type: 'string' }]))
  })
  const atOnce = Number(values['at-once'] ?? 25)
  if (!values.bridge || !values.package || !(values.profile in PROFILES) || !(atOnce >= 1)) {
    throw new TypeError('an argument is missing or wrong')
  }
  return { ...values, atOnce, profile: { name: values.profile, ...PROFILES[values.profile] } }
}

function skipAll (reason) {
  say(`1..0 # SKIP ${reason}`)
  process.exit(0)
}

// Why the suite cannot be run, or null.
function whyNot (directory) {
  let version
  try {
    version = JSON.parse(fs.readFileSync(path.join(directory, 'package.json'), 'utf8')).version
  } catch {
    return `http-cache-tests ${VERSION} is not installed, ./dev setup fetches it from npm`
  }
  return version === VERSION ? null : `http-cache-tests is ${version}, not ${VERSION}`
}

function load (directory, file) {
  return import(pathToFileURL(path.join(directory, file)))
}

// The suites as the profile runs them: a test that a browser would skip has that mark taken off.
function select (suites, includes, id) {
  return suites.map(suite => ({
    ...suite,
    tests: suite.tests
      .filter(test => includes(test) && (id === undefined || test.id === id))
      .map(test => ({ ...test, browser_skip: false, dump: id !== undefined }))
  })).filter(suite => suite.tests.length > 0)
}

async function startOrigin (directory) {
  const child = spawn(process.execPath, [path.join(HERE, 'origin.mjs'), directory],
    { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = readline.createInterface({ input: child.stdout })
  const base = await new Promise((resolve, reject) => {
    child.on('close', () => reject(new Error("the suite's server does not start")))
    lines.on('line', line => {
      const found = /^Listening on (http:\/\/127\.0\.0\.1:\d+)\//.exec(line)
      if (found) resolve(found[1])
      else process.stderr.write(line + '\n')
    })
  })
  return { base, child }
}

// The suite's verdicts: id -> true | [kind of failure, message].
async function runSuite (suites, opts) {
  // Its log lines are not TAP.
  console.log = console.error
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'cachet-conformance-'))
  const origin = await startOrigin(opts.package)
  const bridge = new Bridge(opts.bridge, [...opts.profile.arguments, scratch])
  try {
    const runner = await load(opts.package, 'client/runner.mjs')
    await runner.runTests(suites, makeFetch(bridge, opts.profile.browser), opts.profile.browser,
      origin.base, opts.atOnce)
    const status = await bridge.end()
    const broken = bridge.broken ?? (status === 0 ? null : `the bridge ended with ${status}`)
    return { said: runner.getResults(), broken }
  } finally {
    bridge.kill()
    origin.child.stdin.end()
    fs.rmSync(scratch, { recursive: true, force: true })
  }
}

class Tap {
  constructor () {
    this.count = 0
    this.failed = 0
  }

  result ({ ok, note, directive }, name) {
    const texts = [name, note].filter(text => text !== undefined)
      .map(text => text.replace(/[#\n]/g, ' '))
    this.count++
    this.failed += ok ? 0 : 1
    say(`${ok ? 'ok' : 'not ok'} ${this.count} - ${texts.join(': ')}` +
        (directive === undefined ? '' : ` # ${directive.replace(/\n/g, ' ')}`))
  }

  end () {
    say(`1..${this.count}`)
    return this.failed === 0 ? 0 : 1
  }
}

function table (suites, verdicts) {
  const rows = suites.map(suite => [suite.id, ...KINDS.map(kind => {
    const tests = suite.tests.filter(test => kindOf(test) === kind)
    return { passed: tests.filter(test => verdicts.get(test.id).passed).length, all: tests.length }
  })])
  const total = KINDS.map((_, column) => rows.reduce((sum, row) => ({
    passed: sum.passed + row[column + 1].passed, all: sum.all + row[column + 1].all
  }), { passed: 0, all: 0 }))
  remark(['suite'.padEnd(18), ...KINDS.map(kind => kind.padStart(9))].join(''))
  for (const [id, ...cells] of [...rows, ['total', ...total]]) {
    const texts = cells.map(cell => cell.all === 0 ? '-' : `${cell.passed}/${cell.all}`)
    remark([id.padEnd(18), ...texts.map(text => text.padStart(9))].join(''))
  }
  return total.map(cell => cell.all)
}

async function runOne (suites, opts) {
  const { said, broken } = await runSuite(suites, opts)
  const tap = new Tap()
  const word = said[opts.id]
  tap.result({ ok: word === true, note: word === true ? undefined : word.join(': ') }, opts.id)
  if (broken !== null) tap.result({ ok: false }, broken)
  return tap.end()
}

async function runAll (suites, opts) {
  const problems = []
  const tests = new Map(suites.flatMap(suite => suite.tests).map(test => [test.id, test]))
  const counted = new Set([...tests.values()].filter(test => kindOf(test) !== 'check')
    .map(test => test.id))
  const list = (file, hasClause) => readList(fs.readFileSync(path.join(HERE, file), 'utf8'),
    opts.profile.name, hasClause, problems)
  const expected = list('expected.txt', true)
  const todo = list('todo.txt', false)
  checkLists(expected, todo, counted, problems)

  const { said, broken } = await runSuite(suites, opts)
  const verdicts = judge(tests, said)
  const tap = new Tap()
  for (const suite of suites) {
    for (const test of suite.tests.filter(test => counted.has(test.id))) {
      tap.result(weigh(verdicts.get(test.id), expected.get(test.id), todo.get(test.id)),
        `${suite.id}/${test.id} (${kindOf(test)})`)
    }
  }
  const all = table(suites, verdicts)
  if (String(all) !== String(opts.profile.counts)) problems.push(`${all} tests were selected`)
  tap.result({ ok: broken === null }, broken ?? 'the bridge answered and ended well')
  tap.result({ ok: problems.length === 0 }, problems.join('; ') || 'the lists fit the suite')
  if (opts.results) {
    fs.writeFileSync(opts.results, JSON.stringify(Object.fromEntries(verdicts), null, 1) + '\n')
  }
  return tap.end()
}

async function main () {
  let opts
  try {
    opts = options()
  } catch (error) {
    process.stderr.write(`run.mjs: ${error.message}\n${USAGE}`)
    return 2
  }
  const reason = whyNot(opts.package)
  if (reason !== null) skipAll(`conformance/${opts.profile.name}: ${reason}`)
  const suites = select((await load(opts.package, 'tests/index.mjs')).default,
    opts.profile.includes, opts.id)
  if (opts.id !== undefined && suites.length === 0) {
    process.stderr.write(`run.mjs: the ${opts.profile.name} profile has no test ${opts.id}\n`)
    return 2
  }
  return opts.id === undefined ? runAll(suites, opts) : runOne(suites, opts)
}

process.exitCode = await main()
