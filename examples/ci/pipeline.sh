#!/bin/sh
# For any other CI: `pipeline.sh plan`, `pipeline.sh apply` or `pipeline.sh drift`, in the folder of the manifest.
#
# Keep plan.json from the reviewed run to the one that applies, and .catalogsync/ from one apply to the next.
set -eu

case "$1" in
    plan)
        catalogsync validate
        code=0
        catalogsync plan --out plan.json --detailed-exitcode || code=$?
        case $code in
            0 | 2 | 6) catalogsync show plan.json --format markdown >plan.md ;;
        esac
        # 0: nothing to do. 2: changes to look at. 6: a guard refuses.
        if [ "$code" -ne 2 ]; then exit "$code"; fi
        ;;
    apply)
        # exec: a signal to a cancelled job reaches catalogsync itself, which saves its state.
        if [ -f plan.json ]; then exec catalogsync apply plan.json; fi
        exec catalogsync apply --auto-approve
        ;;
    drift)
        exec catalogsync drift --detailed-exitcode
        ;;
    *)
        echo "usage: pipeline.sh plan|apply|drift" >&2
        exit 1
        ;;
esac
