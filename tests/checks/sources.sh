# sources: the C++ files to check, one a line: those that differ from the parent of the last commit, or all
# of them with SPM_LONG=1 and where the parent is not known (a shallow clone).
sources() {
  local all parent
  all=$(git ls-files --cached --others --exclude-standard 'common/*.h' 'common/*.cc' 'services/*.h' \
    'services/*.cc' 'tests/*.h' 'tests/*.cc')
  parent=$(git rev-parse --quiet --verify 'HEAD~1' 2>/dev/null) || parent=
  if [ -z "$parent" ] || [ -n "${SPM_LONG:-}" ]; then
    sort -u <<<"$all"
  else
    { git diff --name-only "$parent"; git ls-files --others --exclude-standard; } | sort -u |
      comm -12 - <(sort -u <<<"$all")
  fi | while read -r file; do [ ! -f "$file" ] || printf '%s\n' "$file"; done
}
