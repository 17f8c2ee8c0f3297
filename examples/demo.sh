#!/bin/sh
# Syncs a copy of the example shop to the embedded sandbox: demo.sh CATALOGSYNC FOLDER. Starts fresh each time.
set -eu

program=$1
folder=$2
data=$folder/.catalogsync/sandbox
examples=$(dirname "$0")

announce() {
    printf '\n$ catalogsync %s\n' "$*"
}

run() {
    announce "$@"
    "$program" "$@"
}

# Apply shows its plan too; here it was on the screen a moment ago.
run_without_the_plan() {
    announce "$@"
    "$program" "$@" >"$folder/apply.txt" || { code=$?; cat "$folder/apply.txt"; exit "$code"; }
    printf '\n(the plan, as above)\n'
    sed -n '/^Plan: /,$p' "$folder/apply.txt"
}

# Keys and settings of a real account have no business here; how the sandbox draws is no matter of an account.
content=${CATALOGSYNC_SANDBOX_CONTENT:-plain}
for name in $(env | sed -n 's/^\(CATALOGSYNC_[A-Z_]*\)=.*/\1/p'); do unset "$name"; done
# Content takes minutes at the real API. Plain content takes seconds here, rendering from the models minutes again.
if [ "$content" = plain ]; then initial=10s interval=3s; else initial=10s interval=15s; fi
export CATALOGSYNC_SANDBOX_JOB_SECONDS=1 CATALOGSYNC_POLL_INITIAL=$initial CATALOGSYNC_POLL_INTERVAL=$interval
export CATALOGSYNC_SANDBOX_CONTENT="$content"

rm -rf "$folder"
mkdir -p "$folder"
cp -R "$examples/catalog.yaml" "$examples/products" "$examples/models" "$examples/thumbnails" "$folder"

echo "A copy of the example shop is in $folder: 11 products, 2 scene renders."
echo "--sandbox is a local server that plays the API: no account, no network, nobody's credits."
echo "In the environment, since its jobs take seconds: CATALOGSYNC_SANDBOX_JOB_SECONDS=1,"
echo "CATALOGSYNC_POLL_INITIAL=$initial, CATALOGSYNC_POLL_INTERVAL=$interval, CATALOGSYNC_SANDBOX_CONTENT=$content."
echo "CATALOGSYNC_SANDBOX_CONTENT=rendered renders all of it from the models instead, which takes minutes."

run validate -f "$folder"
run --sandbox plan -f "$folder"
run_without_the_plan --sandbox apply -f "$folder" --auto-approve
run --sandbox plan -f "$folder"
run --sandbox outputs -f "$folder" CHAIR-LOUNGE-01 living-room

# The sandbox takes its usual port when it can: only where somebody else has it, another is named.
free_port='
import socket
for wanted in (8617, 0):
    try:
        with socket.create_server(("127.0.0.1", wanted)) as server:
            print(server.getsockname()[1])
        break
    except OSError:
        continue
'
port=$("$(dirname "$program")/python" -c "$free_port")
option=
if [ "$port" != 8617 ]; then option=" --port $port"; fi
cat <<END

Done. The sandbox ended with the last command; what was made is in $data.
To look at products, viewers and images, serve it again (it prints its address):

  $program sandbox serve --data $data$option

and open http://127.0.0.1:$port/ in a browser.
END
