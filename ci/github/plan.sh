# shellcheck shell=bash disable=SC2154 # sourced by run.sh, which sets the variables
# Validate and plan, then tell: annotations, summary, comment, outputs. Exit code 6 when a guard refuses the plan.

if ! catalogsync validate "${file[@]}" --format github; then
    catalogsync validate "${file[@]}" >"$work/problems.txt" 2>&1 || true
    as_markdown "The manifest has errors" "$work/problems.txt" >"$work/problems.md"
    publish plan "$work/problems.md"
    exit 1
fi

if [ "$FORK" = true ] && [ -z "${CATALOGSYNC_PUBLIC_KEY:-}${CATALOGSYNC_SECRET_KEY:-}${CATALOGSYNC_SANDBOX:-}" ]; then
    echo "::warning title=catalogsync::The manifest is valid. No plan: secrets do not reach pull requests from forks."
    exit 0
fi

code=0
logged "$work/plan.txt" catalogsync plan "${file[@]}" --out "$plan" --detailed-exitcode "${args[@]}" || code=$?
case $code in
    0 | 2 | 6)
        catalogsync show "$plan" --format markdown --artifact-url "$page" >"$work/plan.md"
        catalogsync show "$plan" --format github
        catalogsync report outputs "$plan"
        publish plan "$work/plan.md"
        ;;
    *)
        as_markdown "No plan could be made (exit code $code)" "$work/plan.txt" >"$work/plan.md"
        publish plan "$work/plan.md"
        ;;
esac
if [ "$code" -eq 6 ]; then fail 6 "A guard refused the plan; what it says is in the summary."; fi
if [ "$code" -ne 2 ]; then exit "$code"; fi
