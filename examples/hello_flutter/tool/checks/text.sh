# no merge markers, tabs, trailing blanks or over-long lines; every Dart file opens with what it is for
# Must not reformat; it only says where to look.
. tool/project.sh

# The markers are put together here, so that this file does not hold one itself.
marker='^(<{7}|={7}|>{7}|[|]{7})( |$)'

# Prints "file:line: what" for every fault in a file.
faults_in_any() {
  grep -En "$marker" "$1" | sed "s|^\\([0-9]*\\):.*|$1:\\1: merge marker|"
  if [ -n "$(tail -c 1 "$1")" ]; then echo "$1: the last line has no end"; fi
}

faults_in_dart() {
  awk -v file="$1" '
    NR == 1 && !/^\/\/\// { print file ":1: say in a /// comment what the file is for" }
    /\t/ { print file ":" NR ": tab" }
    /[ \t]$/ { print file ":" NR ": trailing blank" }
    length($0) > 80 && !/import |https?:/ { print file ":" NR ": " length($0) " columns, 80 are allowed" }
  ' "$1"
}

while IFS= read -r file; do
  fail_each "$file" "$(
    faults_in_any "$file"
    case $file in *.dart) faults_in_dart "$file" ;; esac
  )"
done <<LIST
$(project_files)
LIST

finish
