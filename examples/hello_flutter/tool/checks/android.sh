# the Android part agrees with itself: package, main activity, resources
# Must not need the Android SDK.
. tool/project.sh

main=android/app/src/main
manifest=$main/AndroidManifest.xml

namespace=$(sed -n 's/^ *namespace = "\(.*\)"/\1/p' android/app/build.gradle.kts)
activity=$main/kotlin/$(printf '%s' "$namespace" | tr . /)/MainActivity.kt
if grep -q "^package $namespace\$" "$activity" 2>/dev/null; then
  pass "namespace $namespace has its MainActivity"
else
  fail "$activity: expected with 'package $namespace'"
fi

# @type/name is a file in res/type*/ or a <type name="…"> in res/values*/.
defined() {
  type=${1%%/*}
  name=${1#*/}
  for file in "$main/res/$type"*/"$name".*; do
    if [ -f "$file" ]; then return 0; fi
  done
  cat "$main"/res/values*/*.xml | grep -q "<$type name=\"$name\""
}

while IFS= read -r reference; do
  if defined "$reference"; then pass "@$reference"; else fail "@$reference is used and not defined"; fi
done <<LIST
$(cat "$manifest" "$main"/res/*/*.xml | grep -oE '"@[a-z]+/[A-Za-z_]+"|>@[a-z]+/[A-Za-z_]+<' | tr -d '">@<' | sort -u)
LIST

# Every <name> has its </name>.
unbalanced() {
  sed 's/<!--.*-->//' "$1" | tr '\n' ' ' | grep -oE '<[^>]*>' | awk -v file="$1" '
    /^<[?!]/ || /\/>$/ { next }
    { name = $1; gsub(/[<>]/, "", name) }
    name !~ /^\// { depth++; open[depth] = name; next }
    depth == 0 || "/" open[depth] != name { print file ": <" name "> closes nothing"; exit }
    { depth-- }
    END { if (depth > 0) print file ": <" open[depth] "> is not closed" }
  '
}

while IFS= read -r file; do fail_each "$file" "$(unbalanced "$file")"; done <<LIST
$(files_ending xml)
LIST

finish
