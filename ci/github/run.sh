#!/usr/bin/env bash
# The action's command, with what all commands share. Reporting never decides how it ends: `report` warns and goes on.
# shellcheck disable=SC2034,SC2153 # what is set here is used by the scripts that it sources
# No `-u`: bash 3.2, which macOS has, takes an empty array for a variable that is not set.
set -eo pipefail -f

scripts=$(dirname "${BASH_SOURCE[0]}")
work=$(mktemp -d "${RUNNER_TEMP:-/tmp}/catalogsync.XXXXXX")
page="${GITHUB_SERVER_URL:-https://github.com}/${GITHUB_REPOSITORY:-}/actions/runs/${GITHUB_RUN_ID:-}"
suffix=${NAME:+-$NAME}
artifact=catalogsync-plan$suffix
plan=plan$suffix.json
file=()
if [ -n "$FILE" ]; then file=(--file "$FILE"); fi
read -r -d '' -a args <<<"$ARGS" || true

# fail CODE SENTENCE: an annotation, and the end.
fail() {
    printf '::error title=catalogsync::%s\n' "$2"
    exit "$1"
}

# publish KEY FILE: Markdown to the job summary, and to the pull request where comments are wanted.
publish() {
    catalogsync report summary "$2"
    if [ "$COMMENT" = true ]; then catalogsync report comment --marker "$1$suffix" "$2"; fi
}

# as_markdown TITLE FILE: its last lines under a title, as code. Tildes: no line of ours begins with six of them.
as_markdown() {
    printf '### %s\n\n~~~~~~text\n' "$1"
    tail -n 200 "$2"
    printf '~~~~~~\n\n[The run](%s)\n' "$page"
}

# Between these two, no line is taken for an order to the runner: names of products are a stranger's text.
quoting=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
quote() { printf '::stop-commands::%s\n' "$quoting"; }
unquote() { printf '::%s::\n' "$quoting"; }

# logged OUT COMMAND...: runs it, shows and keeps what it says. A cancelled job signals this shell alone: the signal is
# handed on, and the command's end is waited for, so that the state is saved.
logged() {
    local out=$1 pipe=$work/pipe child reader code=0 signalled=once
    shift
    rm -f "$pipe"
    mkfifo "$pipe"
    quote
    tee "$out" <"$pipe" &
    reader=$!
    "$@" >"$pipe" 2>&1 &
    child=$!
    trap 'signalled=again; kill -TERM "$child" 2>/dev/null || true' INT TERM
    while [ -n "$signalled" ]; do
        signalled="" code=0
        wait "$child" || code=$?
    done
    trap - INT TERM
    wait "$reader" || true
    unquote
    return "$code"
}

# shellcheck source=/dev/null # one of three
case "$COMMAND" in
    plan | apply | drift) . "$scripts/$COMMAND.sh" ;;
    *) fail 1 "The input command is '$COMMAND'; it can be plan, apply or drift." ;;
esac
