#!/bin/sh
# SPDX-License-Identifier: MIT
# The command on a library that answers as it is told (fake_cachet.c): exit codes, what goes to
# which stream, and what is left behind. Prints TAP.
#   command_test.sh CACHET MAN_PAGE
absolute() { echo "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"; }
cachet=$(absolute "$1")
page=$(absolute "$2")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
unset XDG_CACHE_HOME CACHET_CACHE CACHET_KEYRING CACHET_NAMESPACE NO_COLOR
export HOME="$dir/home" XDG_CONFIG_HOME="$dir/config"
umask 022
mkdir "$HOME"
count=0
failed=0

# ok NAME CONDITION...: a check that a shell command succeeds.
ok() {
    name=$1
    shift
    count=$((count + 1))
    if "$@"; then
        echo "ok $count - $name"
    else
        failed=$((failed + 1))
        echo "not ok $count - $name"
        echo "# stdout:"; sed 's/^/#   /' out
        echo "# stderr:"; sed 's/^/#   /' err
        echo "# exit code $code"
    fi
}

# run ARGUMENT...: fills out, err and $code.
run() {
    "$cachet" "$@" >out 2>err </dev/null
    code=$?
}

# run_in VARIABLE=VALUE ARGUMENT...: the same in another environment.
run_in() {
    setting=$1
    shift
    env "$setting" "$cachet" "$@" >out 2>err </dev/null
    code=$?
}

# on_terminal ARGUMENT...: the same, both streams on a terminal, as out.
on_terminal() {
    : >err
    TERM=xterm /usr/bin/env python3 -c 'import os, pty, sys
sys.exit(os.WEXITSTATUS(pty.spawn(sys.argv[1:])))' "$cachet" "$@" >out </dev/null
    code=$?
}

exits() { [ "$code" -eq "$1" ]; }
out_is() { printf '%b' "$1" | cmp -s - out; }
out_has() { grep -qF -e "$1" out; }
err_has() { grep -qF -e "$1" err; }
err_lacks() { ! grep -qF -e "$1" err; }
err_lines() { [ "$(wc -l <err)" -eq "$1" ]; }
is_empty() { [ ! -s "$1" ]; }
no_escape() { ! grep -q "$(printf '\033')" "$1"; }
is_json() { /usr/bin/env python3 -c 'import json,sys
for line in open(sys.argv[1], encoding="utf-8"):
    if line.startswith("{"): json.loads(line)' "$1"; }

cache=$dir/store
key=$dir/config/cachet/keyring
known=$dir/config/cachet/known-caches

# The first run: key, known-caches, body.
run --cache "$cache" get http://fake/ok
ok 'the first get works' exits 0
ok 'the body is on standard output' out_is 'hello\n'
ok 'the new key is named' err_has "made a new key in '$key'"
ok 'and nothing else is said' err_lines 1
ok 'the key is there' test -f "$key"
ok 'the cache is remembered' grep -qF " default sqlite:$cache" "$known"
run get http://fake/ok --cache "$cache"
ok 'options may follow the command' exits 0
ok 'the second time nothing is said' is_empty err

# Exit codes.
run --cache "$cache" get http://fake/tampered
ok 'tampered is 3' exits 3
ok 'and says what to do' err_has "--force-refresh"
ok 'in one line' err_lines 1
run --cache "$cache" get http://fake/tampered-said
ok 'what the library said is not said twice' err_has \
    "changed: force a refresh or remove it ('get --force-refresh', 'rm')"
run --cache "$cache" get --force-refresh http://fake/tampered
ok '--force-refresh gets past it' exits 0
run --cache "$cache" get http://fake/down
ok 'a failed transfer is 5' exits 5
run --cache "$cache" get http://fake/garbage
ok 'garbage is 5' exits 5
run --cache "$cache" get --only-if-cached http://fake/other
ok 'not cached is 4' exits 4
run --cache "$cache" get nonsense
ok 'a malformed URL is 2' exits 2
run --cache "$cache" get -H nonsense http://fake/ok
ok 'a malformed field is 2' exits 2
run --cache "$cache" get --fail http://fake/missing
ok '--fail is 22' exits 22
ok 'and prints no body' is_empty out
ok 'but says the status' err_has 'http://fake/missing answered 404'
run --cache "$cache" get http://fake/missing
ok 'without --fail it is 0' exits 0
run --cache "$cache" get http://fake/ok http://fake/tampered http://fake/down http://fake/ok
ok 'the worst of several counts' exits 3
ok 'and all are fetched' out_is 'hello\nhello\n'
run_in FAKE_WRONG_KEY=1 --cache "$cache" get http://fake/ok
ok 'the wrong keyring is 3' exits 3

run_in FAKE_TAMPERED=1 --cache "$cache" get http://fake/ok
ok 'a changed cache record is 3' exits 3
ok 'which no refresh mends' err_lacks '--force-refresh'

# Wrong usage: always 2, one line, nothing on standard output.
refused() {
    words=$1
    shift
    run "$@"
    ok "refused: cachet $*" exits 2
    ok "  saying: $words" err_has "$words"
    ok '  and no more' err_lines 1
}
refused 'no command given'
refused "no command 'nosuch'" nosuch
refused "'keys' wants another word" keys
refused "'keys' wants another word" keys --help
refused "no command 'keys old'" keys old
refused 'URL... is missing' get
refused "'x' is too much" ls x
refused "no option '--nosuch'" ls --nosuch
refused "no option '--expire-after'" get --expire-after 5 http://fake/ok
refused "no option '-z'" get -z http://fake/ok
refused "'-o' wants a value: FILE" get http://fake/ok -o
refused 'is no duration' get --max-time soon http://fake/ok
refused "'--max-time' is" get --max-time 0 http://fake/ok
refused "'--max-time' is" get --max-time 9999999999d http://fake/ok
refused "'-o' holds one body" get -o x http://fake/ok http://fake/ok
refused 'a refresh always does' get --refresh --only-if-cached http://fake/ok
refused "'-d' was given twice" get -d 1 -d 2 http://fake/ok
refused 'say one of them' --unsealed --keyring file:x get http://fake/ok
refused 'nothing chosen' rm
refused 'one of these' rm --all --expired
refused 'one of these' rm http://fake/ok --expired
refused "'--older-than' is" rm --older-than never
refused 'neither a URL nor a key' rm abc
refused 'neither a URL nor a key' rm http://a.example/x nothex
refused 'neither a URL nor a key' show zzzz

# The request.
run --cache "$cache" get -X PUT -H 'A: 1' -H 'B:' -H 'A:  x : y ' -d '@file' http://fake/echo
ok 'method, fields and body are sent' out_is \
    'PUT flags=0 session=0 time=0 ca=-\n[A]=[1]\n[B]=[]\n[A]=[x : y]\n[Content-Type]=[application/x-www-form-urlencoded]\n@file\n'
run --cache "$cache" get -d x -H 'content-type: text/plain' http://fake/echo
ok 'a body makes it a POST, and the type may be said' out_is \
    'POST flags=0 session=0 time=0 ca=-\n[content-type]=[text/plain]\nx\n'
run --cache "$cache" get --insecure --compressed --no-location --refresh --max-time 2m \
    --cacert roots.pem http://fake/echo
ok 'the rest of the options arrive' out_is 'GET flags=9 session=6 time=120000 ca=roots.pem\n\n'

run --cache "$cache" get -H 'Authorization secret' http://fake/echo
ok 'a malformed field is named without what may be secret' err_has "'Authorization ...' is no field"
run --cache "$cache" get http://fake/limits
ok 'keys cannot end up in a core dump' out_is 'core 0 dumpable 0\n'

# -i, -o.
run --cache "$cache" get -i http://fake/ok
ok '-i prints the head as it is' out_is \
    'HTTP/1.1 200\r\nX-Odd: a\033b\r\nCache-Status: cachet; hit\r\n\r\nhello\n'
run --cache "$cache" get -o file http://fake/ok
ok '-o is silent' is_empty out
ok '-o writes the file' grep -q hello file
ok 'by the umask' test "$(ls -l file | cut -c1-10)" = -rw-r--r--
chmod 600 file
ln -s file link
run --cache "$cache" get -o link http://fake/echo
ok 'a link is followed' grep -q GET file
ok 'and stays a link' test -L link
ok 'a file that was there keeps its mode' test "$(ls -l file | cut -c1-10)" = -rw-------
run --cache "$cache" get -o file http://fake/late
ok 'a body that fails late is 3' exits 3
ok 'and leaves the old file' grep -q GET file
run --cache "$cache" get -o new http://fake/late
ok 'or none' test ! -e new
run --cache "$cache" get -o new --fail http://fake/missing
ok '--fail makes no file' test ! -e new
# A pipe of our own stands for every device: what breaks here must not break the machine.
mkfifo device
exec 6<>device
run --cache "$cache" get -o device http://fake/ok
ok 'what is no regular file is written to' exits 0
ok 'and stays what it is' test -p device
line=
[ -p device ] && read -r line <&6
ok 'and gets the body' test "$line" = hello
exec 6>&-
run --cache "$cache" get -o - http://fake/ok
ok '-o - is standard output' out_is 'hello\n'
run --cache "$cache" get -o nodir/x http://fake/ok
ok 'a directory that is not there is 1' exits 1
run --cache "$cache" get -o new http://fake/killed
ok 'a signal ends it' exits 143
ok 'no temporary file is left' test -z "$(ls | grep '\.......$')"

# A terminal: nothing of an origin drives it, and what is bad is red.
on_terminal --cache "$cache" get -i http://fake/ok
ok 'get -i escapes on a terminal' out_has 'X-Odd: a\x1bb'
ok 'and nothing else comes through' no_escape out
on_terminal --cache "$cache" ls
ok 'ls shows what is bad in red' out_has "$(printf '\033')[31m-       tampered"
NO_COLOR=1
export NO_COLOR
on_terminal --cache "$cache" ls
ok 'unless NO_COLOR is set' no_escape out
unset NO_COLOR

# Streams that end early.
# A pipe whose reader is gone, as descriptor 5.
mkfifo pipe
(exec 4<pipe) &
exec 5>pipe
wait
for command in 'get http://fake/ok http://fake/ok' ls verify 'show aaaa' 'show --body bbbb/22' \
    'rm aaaa' help; do
    # shellcheck disable=SC2086
    env FAKE_ENTRIES=2000 "$cachet" --cache "$cache" $command 2>err >&5
    code=$?
    ok "a reader that left $command: 1" exits 1
    ok 'and nothing is said' is_empty err
done
exec 5>&-
if [ -c /dev/full ]; then
    "$cachet" --cache "$cache" get http://fake/ok >/dev/full 2>err
    code=$?
    ok 'a full disk is 1' exits 1
    ok 'and is said' err_has 'cannot write to standard output'
fi
"$cachet" --cache "$cache" get http://fake/ok >&- 2>err
code=$?
ok 'a closed standard output is 1' exits 1

# The observer.
run_in FAKE_BROKEN=1 --cache "$cache" get http://fake/ok http://fake/ok
ok 'a store that cannot be used: get goes on' exits 0
ok 'and warns' err_has 'cachet: warning: the cache could not be used: not a database'
ok 'once' err_lines 1
run_in FAKE_BROKEN=1 --cache "$cache" -q get http://fake/ok
ok '--quiet warns not' is_empty err
export FAKE_SAY_BOUND=1
run_in FAKE_BROKEN=1 --cache "$cache" get http://fake/ok
ok 'the known id still binds it' err_has 'bound to first'
unset FAKE_SAY_BOUND
for command in ls 'show aaaa' 'rm aaaa' verify; do
    # shellcheck disable=SC2086
    run_in FAKE_BROKEN=1 --cache "$cache" $command
    ok "a store that cannot be used: $command is 1" exits 1
done
run --cache "$cache" -v get http://fake/ok
ok '-v tells every event' err_has 'cachet: hit http://fake/ok: served from the store (fresh)'

# Known caches.
cp "$known" known.before
echo second >"$cache"
run --cache "$cache" get http://fake/ok
ok 'another cache in the place of a known one is 3' exits 3
ok 'and nothing is fetched' is_empty out
ok 'the line is named' err_has "line 1 of '$known'"
ok 'and nothing is forgotten' cmp -s "$known" known.before
run --cache "$cache" ls
ok 'ls looks too' exits 3
rm "$cache"
run_in FAKE_NEW_ID=third --cache "$cache" get http://fake/ok
ok 'a cache that was just made is fine' exits 0
ok 'with a note' err_has 'is a new cache in the place of an older one'
run --cache "$cache" get http://fake/ok
ok 'once' is_empty err
run --unsealed --cache "$dir/plain" get http://fake/ok
ok '--unsealed needs no key' exits 0
ok 'and is not remembered' test "$(wc -l <"$known")" -eq 1
mkdir keys
run keys new "file:$dir/keys/mine"
ok 'keys new makes a key' test -f keys/mine
ok 'and says what to do' out_has "--keyring file:$dir/keys/mine"
run keys new "file:$dir/keys/mine"
ok 'but never a second one there' exits 1
run --cache "$cache" --keyring "file:$dir/keys/mine" get http://fake/ok
ok 'known-caches is beside the keyring' grep -qF "sqlite:$cache" keys/known-caches
run --cache "$cache" --keyring "file:$dir/keys/none" get http://fake/ok
ok 'a keyring that was named is not made' exits 1
ok 'but it is said how' err_has "cachet keys new"
run --cache "$cache" --keyring nonsense: get http://fake/ok
ok 'a malformed keyring is 2' exits 2

# Settings.
run_in CACHET_KEYRING="file:$dir/keys/none" --cache "$cache" get http://fake/ok
ok 'the environment names the keyring' exits 1
echo "cache = $dir/configured" >config/cachet/config
run get http://fake/ok
ok 'the config file names the cache' test -f configured
echo "colour = red" >bad.conf
run --config bad.conf get http://fake/ok
ok 'an unknown setting is 2' exits 2
ok 'and its line is named' err_has "bad.conf:1: no setting 'colour'"
rm config/cachet/config

# ls, show, rm, verify.
run --cache "$cache" ls
ok 'ls is 0 whatever is stored' exits 0
ok 'ls prints a row' out_has '200     fresh     GET     2023-11-14T22:13:20Z  2023-11-14T22:14:20Z    1.5K  http://a.example/x'
ok 'marks what is bad' out_has 'tampered  -       -                     -                          -  key cccc000000000000  (bad-seal)'
ok 'escapes' out_has 'http://b.example/\x1b[31my'
ok 'and sends no control characters' no_escape out
run --cache "$cache" ls --fresh
ok 'ls --fresh' test "$(wc -l <out)" -eq 2
run --cache "$cache" ls --fresh --tampered
ok 'ls --fresh --tampered' test "$(wc -l <out)" -eq 3
run --cache "$cache" ls --url 'http://b*'
ok 'ls --url' test "$(wc -l <out)" -eq 3
run --cache "$cache" --json ls
ok 'ls --json' test "$(wc -l <out)" -eq 4
ok 'is JSON' is_json out
ok 'with null for what is not authentic' out_has '"state":"tampered","reason":"bad-seal","method":null,"url":null'
run --cache "$cache" show http://a.example/x
ok 'show by URL' exits 0
ok 'has the fields' out_has 'X-Odd: café \xff "q" \x1b]0;x\x07'
run --cache "$cache" show AAAA
ok 'show by key' out_has 'url      http://a.example/x'
run --cache "$cache" --json show aaaa
ok 'show --json' is_json out
ok 'has the fields' out_has '"fields":[["Content-Type","text/plain"],["X-Odd","café \ufffd \"q\" \u001b]0;x\u0007"]]'
run --cache "$cache" show http://a.example/none
ok 'show of nothing is 1' exits 1
ok 'and says so' err_has "not cached: 'http://a.example/none'"
run --cache "$cache" show cccc
ok 'show of a tampered entry is 3' exits 3
ok 'and names it' out_has 'state    tampered (bad-seal)'
run --cache "$cache" show --body aaaa
ok 'show --body' out_is 'stored\0body\n'
run --cache "$cache" show --body bbbb
ok 'show --body of two is 2' exits 2
run --cache "$cache" show --body bbbb/22
ok 'until one is named' out_is 'stored\0body\n'
run --cache "$cache" show --body cccc
ok 'show --body of a tampered entry is 3' exits 3
ok 'and writes nothing' is_empty out
run --cache "$cache" show --body bbbb/11
ok 'a body that was changed is 3' exits 3
ok 'and writes nothing' is_empty out
ok 'but names the entry and the way out' err_has "'bbbb000000000000': chunk 0 does not match its seal; fetch it anew with 'get --force-refresh'"
run --cache "$cache" rm http://a.example/x bbbb
ok 'rm says how many' out_is 'removed 3 entries\n'
run --cache "$cache" rm http://user:secret@a.example/none aaaa
ok 'rm of nothing is 1' exits 1
ok 'but removes the rest' out_is 'removed 1 entry\n'
ok 'and shows no password' err_lacks secret
run --cache "$cache" rm --all
ok 'rm --all' out_is 'removed 4 entries\n'
run --cache "$cache" rm --tampered --json
ok 'rm --tampered --json' out_is '{"removed":1}\n'
run --cache "$cache" rm --url 'http://none/*'
ok 'rm of no match is 0' exits 0
run --cache "$cache" verify
ok 'verify is 3' exits 3
ok 'names what is bad' out_has 'key cccc000000000000  (bad-seal)'
ok 'and only that' test "$(wc -l <out)" -eq 3
ok 'and closes with the counts' out_has ': 3 good, 1 tampered'
run --cache "$cache" verify --json
ok 'verify --json' is_json out
ok 'closes with the counts' out_has '{"checked":4,"fresh":1,"stale":2,"tampered":1,"void":0,"foreign":0,"gone":0,'
run --cache "$cache" --json get http://fake/ok http://fake/down
ok 'get --json' is_json err
ok 'tells the facts' err_has '{"url":"http://fake/ok","status":200,"hit":true,"cache_status":"cachet; hit","key":"aaaa000000000000000000000000000000000000000000000000000000000000","stored_at":"2023-11-14T22:13:20Z","expires_at":null,"size":6}'
ok 'and the failure' err_has '{"url":"http://fake/down","error":"E_TRANSFER","message":'

# Help and the man page tell of every command and option.
run --version
ok '--version' out_has 'cachet 0.'
run --help
ok '--help' exits 0
commands=$(sed -n '/^commands:/,/^$/s/^  \([a-z]*\( [a-z]*\)\{0,1\}\)   *.*/\1/p' out)
ok 'names the commands' test "$(echo "$commands" | wc -l)" -eq 7
echo "$commands" >names
while read -r command; do
    # shellcheck disable=SC2086
    run help $command
    cp out help.out
    ok "help $command" out_has "usage: cachet $command"
    # shellcheck disable=SC2086
    run $command --help
    ok "$command --help is the same" cmp -s out help.out
    ok "$command is in the man page" grep -q "^\.It Cm $command\|^\.Ss cachet $command" "$page"
    for option in $(sed -n 's/^  .\{4\}--\([a-z-]*\).*/\1/p' out); do
        grep -q "^\.It.* Fl -$option" "$page" || echo "$command --$option"
    done >missing
    ok "and all its options are" is_empty missing
    sed 's/^/# missing: /' missing
    ok "$command --help fits 96 columns" test -z "$(awk 'length > 96' help.out)"
done <names

echo "1..$count"
[ "$failed" -eq 0 ]
