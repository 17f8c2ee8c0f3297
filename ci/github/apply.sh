# shellcheck shell=bash disable=SC2154 # sourced by run.sh, which sets the variables
# Apply the plan that was reviewed, or a new one, then tell. Ends as `catalogsync apply` does.

if [ -z "${CATALOGSYNC_SECRET_KEY:-}${CATALOGSYNC_SANDBOX:-}" ]; then
    fail 1 "apply needs CATALOGSYNC_SECRET_KEY, which this run does not have (pull requests from forks get no secrets)."
fi

apply_new() {
    logged "$work/apply.txt" catalogsync apply "${file[@]}" --auto-approve "${args[@]}"
}

# Whoever has to decide sees what a new plan would do.
show_new() {
    local made=0
    catalogsync plan "${file[@]}" --out "$plan" --format markdown >"$work/new.md" || made=$?
    if [ "$made" -eq 0 ] || [ "$made" -eq 6 ]; then publish stale "$work/new.md"; fi
}

apply_reviewed() {
    if ! catalogsync report reviewed-plan --to github --artifact "$artifact" --name "$plan" --out "$plan"; then
        if [ "$REVIEWED" = preferred ]; then apply_new; return; fi
        show_new
        fail 1 "Nothing was applied: no reviewed plan was found. Look at the new plan in the summary, then run again with reviewed: ignored."
    fi
    local code=0
    logged "$work/apply.txt" catalogsync apply "$plan" "${file[@]}" "${args[@]}" || code=$?
    if [ "$code" -ne 8 ]; then return "$code"; fi
    if [ "$REVIEWED" = preferred ]; then apply_new; return; fi
    show_new
    fail 8 "Nothing was applied: the reviewed plan is stale. Look at the new plan in the summary, then run again with reviewed: ignored."
}

code=0
case "$REVIEWED" in
    required | preferred) apply_reviewed || code=$? ;;
    ignored) apply_new || code=$? ;;
    *) fail 1 "The input reviewed is '$REVIEWED'; it can be required, preferred or ignored." ;;
esac
title="Applied"
if [ "$code" -ne 0 ]; then title="Applied in part or not at all (exit code $code)"; fi
as_markdown "$title" "$work/apply.txt" >"$work/apply.md"
publish apply "$work/apply.md"
if [ "$code" -eq 4 ] && [[ " $ARGS " == *" --no-wait "* ]]; then
    echo "::warning title=catalogsync::Content still runs at the remote, as was wanted. The next apply collects it."
    exit 0
fi
exit "$code"
