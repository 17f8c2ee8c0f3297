# shellcheck shell=bash disable=SC2154 # sourced by run.sh, which sets the variables
# Look for drift. One issue tells it, is kept current, and is closed when there is none any more.

# Without a state nothing has drifted from it: that is no reason to close an issue.
if [ -z "$(catalogsync state list "${file[@]}" 2>/dev/null)" ]; then
    echo "::warning title=catalogsync::There is no state here to compare the remote with. Was the cache dropped?"
    exit 0
fi

code=0
logged "$work/drift.txt" catalogsync drift "${file[@]}" --detailed-exitcode "${args[@]}" || code=$?
as_markdown "The catalog has drifted" "$work/drift.txt" >"$work/drift.md"
case $code in
    0)
        echo "has-changes=false" >>"$GITHUB_OUTPUT"
        catalogsync report issue --close --marker "drift$suffix"
        ;;
    2)
        echo "has-changes=true" >>"$GITHUB_OUTPUT"
        catalogsync report summary "$work/drift.md"
        catalogsync report issue --marker "drift$suffix" --title "The catalog has drifted${NAME:+: $NAME}" "$work/drift.md"
        ;;
    *) fail "$code" "Drift could not be looked for (exit code $code)." ;;
esac
