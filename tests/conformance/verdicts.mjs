// SPDX-License-Identifier: MIT
// What the suite's words are worth, and the two lists of tests that do not pass (expected.txt,
// todo.txt): a line is the test's id, the profiles it is meant for (private, shared or both),
// and why. No I/O.

// Kinds of failure that say nothing about the cache: no answer in time, no bridge any more.
const UNHEARD = new Set(['AbortError', 'Bridge'])

// The suite's words are id -> true | [kind of failure, message]. A test counts only if all that
// it depends on passed. Gives id -> { passed, why, unheard }.
export function judge (tests, words) {
  const verdicts = new Map()
  function verdict (id) {
    if (!verdicts.has(id)) verdicts.set(id, judgeOne(tests.get(id), words[id]))
    return verdicts.get(id)
  }
  function judgeOne (test, word) {
    if (test === undefined || word === undefined) return { passed: false, why: 'it was not run' }
    const missing = (test.depends_on ?? []).find(id => !verdict(id).passed)
    if (missing !== undefined) return { passed: false, why: `needs ${missing}, which fails` }
    if (word === true) return { passed: true }
    return { passed: false, why: `${word[0]}: ${word[1]}`, unheard: UNHEARD.has(word[0]) }
  }
  for (const id of tests.keys()) verdict(id)
  return verdicts
}

// The lines of a list for one profile: id -> reason. What is wrong with them goes to `problems`.
export function readList (text, profile, hasClause, problems) {
  const listed = new Map()
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return
    const parts = /^(\S+)\s+(private|shared|both)\s+(\S.*)$/.exec(line)
    if (parts === null) return problems.push(`line ${index + 1} is not "ID PROFILES REASON"`)
    const [, id, profiles, reason] = parts
    if (hasClause && !/^RFC \d{4,} \d/.test(reason)) {
      problems.push(`${id}: its reason begins with no clause, as in "RFC 9111 5.1"`)
    }
    if (profiles !== profile && profiles !== 'both') return
    if (listed.has(id)) problems.push(`${id} is listed twice`)
    listed.set(id, reason)
  })
  return listed
}

// Each listed test must be one that is counted, and stand in one list only.
export function checkLists (expected, todo, counted, problems) {
  for (const id of [...expected.keys(), ...todo.keys()]) {
    if (!counted.has(id)) problems.push(`${id} is listed, but no such test counts here`)
  }
  for (const id of expected.keys()) {
    if (todo.has(id)) problems.push(`${id} stands in both lists`)
  }
}

// The TAP of one test: { ok, note, directive }. `differs` and `still` are its reasons in
// expected.txt and todo.txt. Where the RFC and the test differ, the RFC's way is right and so it
// is ok; what is still to be done is no success, and counted apart.
export function weigh (verdict, differs, still) {
  if (verdict.passed) {
    const list = differs !== undefined ? 'expected.txt' : still !== undefined ? 'todo.txt' : null
    return list === null ? { ok: true } : { ok: false, note: `passes, take it off ${list}` }
  }
  if (differs !== undefined && !verdict.unheard) {
    return { ok: true, note: `differs, by ${differs} (${verdict.why})` }
  }
  if (still !== undefined) {
    return { ok: true, directive: `SKIP not passed yet, ${still} (${verdict.why})` }
  }
  return { ok: false, note: verdict.why }
}
