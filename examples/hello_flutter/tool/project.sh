# Facts of the project and how a check reports, for the scripts beside it to source.
# Must not check or build anything by itself. POSIX sh: dash, bash and macOS's sh run it.

passed=0
failed=0

if [ -n "${NO_COLOR:-}" ]; then
  green='' red='' bold='' plain=''
else
  esc=$(printf '\033')
  green="${esc}[32m" red="${esc}[31m" bold="${esc}[1m" plain="${esc}[0m"
fi

heading() { printf '%s\n' "$bold$*$plain"; }
pass() { passed=$((passed + 1)); printf '  %s %s\n' "${green}ok$plain" "$*"; }
fail() { failed=$((failed + 1)); printf '  %s %s\n' "${red}FAIL$plain" "$*"; }

# Ends a check with its sum.
finish() {
  printf '  %s passed, %s failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
}

# fail_each TEXT LINES: one failure a line of LINES, or TEXT as passed when there is none.
fail_each() {
  if [ -z "$2" ]; then pass "$1"; return; fi
  while IFS= read -r line; do fail "$line"; done <<LINES
$2
LINES
}

# Sources and assets: what git tracks or would track. An unpacked archive has no git, and nothing to ignore.
project_files() {
  if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    git -c core.quotePath=false ls-files --cached --others --exclude-standard | while IFS= read -r file; do
      # A deleted file is listed until the deletion is committed.
      if [ -f "$file" ]; then printf '%s\n' "$file"; fi
    done
  else
    find . -type f | sed 's|^\./||'
  fi | LC_ALL=C sort
}

files_ending() { project_files | grep "\\.$1\$"; }

# A top-level scalar of pubspec.yaml.
pubspec() { sed -n "s/^$1:[[:space:]]*//p" pubspec.yaml | sed 's/[[:space:]]*#.*//' | tr -d "\"'" | head -n 1; }

# pubspec_block SECTION: the lines under a top-level key, comments left out.
pubspec_block() {
  awk -v section="$1:" '
    /^[^[:space:]#]/ { inside = ($1 == section); next }
    inside && !/^[[:space:]]*(#|$)/ { print }
  ' pubspec.yaml
}

# Names under dependencies or dev_dependencies.
pubspec_packages() { pubspec_block "$1" | sed -n 's/^  \([a-z_][a-z0-9_]*\):.*/\1/p'; }

# name-version+build, where build is the number of this CI build, else the one in pubspec.yaml.
release_name() {
  version=$(pubspec version)
  number=${PROJECT_BUILD_NUMBER:-${BUILD_NUMBER:-${version#*+}}}
  printf '%s-%s+%s\n' "$(pubspec name)" "${version%%+*}" "$number"
}

# Linux has sha256sum, macOS has shasum; both print "<sum>  <file>".
sha256_of() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum "$@"
  elif command -v shasum >/dev/null 2>&1; then shasum -a 256 "$@"
  else
    echo "no sha256sum or shasum on PATH: install coreutils or perl" >&2
    return 1
  fi
}

# A new folder outside every git work tree, whose ignore rules would hide files in it.
scratch_folder() {
  place=$(cd "${TMPDIR:-/tmp}" && pwd -P)
  export GIT_CEILING_DIRECTORIES="$place"
  scratch=$(mktemp -d "$place/hello_flutter.XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
}

# copy_project FOLDER: sources and assets, nothing else.
copy_project() {
  project_files | while IFS= read -r file; do
    mkdir -p "$1/$(dirname "$file")"
    cp "$file" "$1/$file"
  done
}

# pack PARENT FOLDER ARCHIVE: on one machine the same files give the same bytes, whatever the hour.
pack() {
  (
    cd "$1" || exit 1
    find "$2" -type f -exec touch -t 198001010000 {} +
    find "$2" -type f | LC_ALL=C sort >packing.list
    # Not every tar can read a list from a file.
    set --
    while IFS= read -r file; do set -- "$@" "$file"; done <packing.list
    tar -cf packing.tar "$@"
  ) && gzip -9nc "$1/packing.tar" >"$3"
}
