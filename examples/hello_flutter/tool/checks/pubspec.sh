# the app has a name, a version and an SDK constraint, and every package says which version
# Must not resolve packages; that needs a network.
. tool/project.sh

matches() { printf '%s\n' "$2" | grep -Eq "$1"; }

expect() {
  if matches "$2" "$3"; then pass "$1: $3"; else fail "pubspec.yaml: $1 is '$3', expected $4"; fi
}

semver='[0-9]+\.[0-9]+\.[0-9]+'
expect name '^[a-z_][a-z0-9_]*$' "$(pubspec name)" 'lower_case_with_underscores'
expect version "^$semver\\+[0-9]+\$" "$(pubspec version)" 'major.minor.patch+build'
sdk=$(pubspec_block environment | sed -n 's/^  sdk:[[:space:]]*//p' | tr -d "\"'")
expect 'Dart SDK' "^(\\^$semver|>=$semver( <$semver)?)\$" "$sdk" '^x.y.z or ">=x.y.z <x.y.z"'

for section in dependencies dev_dependencies; do
  while IFS= read -r package; do
    value=$(pubspec_block "$section" | sed -n "/^  $package:/{s/^[^:]*:[[:space:]]*//p;n;s/^    //p;}" | tr '\n' ' ')
    expect "$section $package" '[^ ]' "$value" 'a version, sdk, path or git'
  done <<LIST
$(pubspec_packages "$section")
LIST
done

finish
