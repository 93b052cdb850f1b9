// SPDX-License-Identifier: MIT
import process from 'node:process'

import { checkLists, judge, readList, weigh } from './verdicts.mjs'

let count = 0
let failed = 0

function check (ok, name) {
  console.log(`${ok ? 'ok' : 'not ok'} ${++count} - ${name}`)
  failed += ok ? 0 : 1
}

const tests = new Map([
  ['gate', { id: 'gate' }],
  ['behind', { id: 'behind', depends_on: ['gate'] }],
  ['far', { id: 'far', depends_on: ['behind'] }],
  ['lost', { id: 'lost', depends_on: ['elsewhere'] }],
  ['slow', { id: 'slow' }],
  ['unheard', { id: 'unheard' }]
])
const open = judge(tests, {
  gate: true, behind: true, far: ['Assertion', 'no'], lost: true, slow: ['AbortError', 'late']
})
check(open.get('gate').passed && open.get('behind').passed, 'a test passes with its gate')
check(!open.get('far').passed && open.get('far').why === 'Assertion: no', 'a failure keeps its word')
check(!open.get('lost').passed, 'a gate that was not run is not passed')
check(open.get('slow').unheard && !open.get('far').unheard, 'a time-out is known as one')
check(!open.get('unheard').passed, 'a test of which nothing is heard fails')
const closed = judge(tests, { gate: ['Setup', 'x'], behind: true, far: true })
check(!closed.get('behind').passed && !closed.get('far').passed, 'a closed gate closes all behind it')

const pass = { passed: true }
const fail = { passed: false, why: 'no' }
const late = { passed: false, why: 'late', unheard: true }
check(weigh(pass).ok && !weigh(fail).ok, 'an unlisted test says what it is')
check(weigh(fail, 'RFC 1 2').ok && !weigh(fail, 'RFC 1 2').directive, 'an expected difference is ok')
check(!weigh(pass, 'RFC 1 2').ok, 'an expected difference that is none fails')
check(!weigh(late, 'RFC 1 2').ok, 'a time-out is never expected')
check(/^SKIP /.test(weigh(fail, undefined, 'later').directive), 'what is to be done is skipped')
check(!weigh(pass, undefined, 'later').ok, 'what is done may not stay on the list')

function problemsOf (text, hasClause, profile = 'private') {
  const problems = []
  const listed = readList(text, profile, hasClause, problems)
  return { listed, problems }
}
const good = '# a comment\n\na-1 private RFC 9111 5.1: why\nb shared RFC 9110 8: why\nc both RFC 1234 1\n'
check([...problemsOf(good, true).listed.keys()].join() === 'a-1,c', 'a list is read for its profile')
check(problemsOf(good, true).problems.length === 0, 'nothing is wrong with it')
check([...problemsOf(good, true, 'shared').listed.keys()].join() === 'b,c', 'and for the other')
check(problemsOf('a both because', true).problems.length === 1, 'a difference needs a clause')
check(problemsOf('a both because', false).problems.length === 0, 'what is to be done needs none')
check(problemsOf('a both', false).problems.length === 1, 'a reason is needed')
check(problemsOf('a all because', false).problems.length === 1, 'a profile is needed')
check(problemsOf('a both x\na private y', false).problems.length === 1, 'once is enough')

function conflicts (expected, todo) {
  const problems = []
  checkLists(new Map(expected), new Map(todo), new Set(['a', 'b']), problems)
  return problems.length
}
check(conflicts([['a', '']], [['b', '']]) === 0, 'two lists that fit')
check(conflicts([['z', '']], []) === 1 && conflicts([], [['z', '']]) === 1, 'a name that is no test')
check(conflicts([['a', '']], [['a', '']]) === 1, 'one test in both lists')

console.log(`1..${count}`)
process.exitCode = failed === 0 ? 0 : 1
