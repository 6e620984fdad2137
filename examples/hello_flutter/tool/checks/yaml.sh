# YAML files are indented with even blanks, repeat no key and close their quotes
# Must not know what a key means; the program that reads the file does.
. tool/project.sh

faults_in() {
  awk -v file="$1" '
    function fault(what) { print file ":" NR ": " what }
    /^[ ]*(#|$)/ { next }
    /^ *\t/ { fault("tab in the indentation"); next }
    {
      match($0, /^ */); indent = RLENGTH
      text = substr($0, indent + 1)
      if (indent % 2) fault("indentation of " indent " blanks, expected an even number")
      copy = text; singles = gsub(/\047/, "", copy)
      copy = text; doubles = gsub(/"/, "", copy)
      if (singles % 2 || doubles % 2) fault("quote is not closed")
      while (text ~ /^- /) { forget(indent + 1); indent += 2; text = substr(text, 3) }
      if (match(text, /^[^ :"\047]+:( |$)/)) {
        key = substr(text, 1, RLENGTH)
        sub(/: *$/, "", key)
        forget(indent + 1)
        if ((indent, key) in seen) fault("key " key " stands twice, first in line " seen[indent, key])
        seen[indent, key] = NR
      } else if (text !~ /^[]["\047A-Za-z0-9_.^{}*\/-]/) fault("neither a key nor a value")
    }
    # A new line at one depth ends every block that is deeper.
    function forget(from,   pair, part) {
      for (pair in seen) { split(pair, part, SUBSEP); if (part[1] + 0 >= from) delete seen[pair] }
    }
  ' "$1"
}

while IFS= read -r file; do
  fail_each "$file" "$(faults_in "$file")"
done <<LIST
$(project_files | grep -E '\.ya?ml$')
LIST

finish
