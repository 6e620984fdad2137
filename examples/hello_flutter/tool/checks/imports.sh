# every import and export in lib and test resolves
# Must not judge what is imported; only that it is there and declared.
. tool/project.sh

own=$(pubspec name)
packages=$(pubspec_packages dependencies)
dev_packages=$(pubspec_packages dev_dependencies)

# lists WORD NAMES: NAMES has a line that is WORD.
lists() { printf '%s\n' "$2" | grep -Fxq "$1"; }

# Says why the import does not resolve, or nothing.
problem() {
  file=$1
  target=$2
  case $target in
    dart:*) ;;
    "package:$own/"*)
      [ -f "lib/${target#"package:$own/"}" ] || echo "no such file in lib" ;;
    package:*)
      package=${target#package:}
      package=${package%%/*}
      lists "$package" "$packages" && return
      case $file in
        lib/*) echo "$package is not under dependencies" ;;
        *) lists "$package" "$dev_packages" || echo "$package is not in pubspec.yaml" ;;
      esac ;;
    *)
      [ -f "$(dirname "$file")/$target" ] || echo "no such file" ;;
  esac
}

imports_of() { sed -En "s/^(import|export|part) +['\"]([^'\"]*)['\"].*/\\2/p" "$1"; }

check_file() {
  count=0
  wrong=0
  while IFS= read -r target; do
    [ -n "$target" ] || continue
    count=$((count + 1))
    why=$(problem "$1" "$target")
    if [ -n "$why" ]; then wrong=1; fail "$1: '$target': $why"; fi
  done <<LIST
$(imports_of "$1")
LIST
  if [ "$wrong" -eq 0 ]; then pass "$1: $count resolve"; fi
}

while IFS= read -r file; do check_file "$file"; done <<LIST
$(files_ending dart)
LIST

finish
