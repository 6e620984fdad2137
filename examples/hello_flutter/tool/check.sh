# Runs every check in tool/checks and fails when one of them does.
# Must not need more than POSIX sh, awk, sed, grep and git, and changes nothing.
set -u
cd "$(dirname "$0")/.." || exit 1
. tool/project.sh

total=0
for script in tool/checks/*.sh; do total=$((total + 1)); done

number=0
broken=''
for script in tool/checks/*.sh; do
  number=$((number + 1))
  name=$(basename "$script" .sh)
  heading "[$number/$total] $name: $(sed -n '1s/^# //p' "$script")"
  if ! sh "$script"; then broken="$broken $name"; fi
done

if [ -n "$broken" ]; then
  heading "Failed:$broken"
  exit 1
fi
heading "All $total checks passed."
