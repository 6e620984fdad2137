# brackets and strings close in Dart, Kotlin and JSON files
# Must not replace a compiler: it finds a lost bracket, not a wrong type.
. tool/project.sh

faults_in() {
  awk -v file="$1" '
    BEGIN { closes["("] = ")"; closes["["] = "]"; closes["{"] = "}" }
    function fault(what) { print file ":" NR ": " what; faults++ }
    {
      quote = ""
      for (i = 1; i <= length($0); i++) {
        c = substr($0, i, 1)
        if (quote != "") {
          if (c == "\\") i++
          else if (c == quote) quote = ""
          continue
        }
        if (c == "/" && substr($0, i + 1, 1) == "/") break
        if (c == "\"" || c == "\047") { quote = c; continue }
        if (c in closes) { depth++; want[depth] = closes[c]; opened[depth] = NR; continue }
        if (c !~ /[])}]/) continue
        if (depth == 0) { fault(c " closes nothing"); exit }
        if (want[depth] != c) { fault(c " found, " want[depth] " expected (opened in line " opened[depth] ")"); exit }
        depth--
      }
      if (quote != "") { fault("string is not closed"); exit }
    }
    END { if (!faults && depth > 0) print file ":" opened[depth] ": bracket is not closed" }
  ' "$1"
}

while IFS= read -r file; do
  fail_each "$file: $(($(wc -l <"$file"))) lines" "$(faults_in "$file")"
done <<LIST
$(project_files | grep -E '\.(dart|kt|kts|json)$')
LIST

finish
