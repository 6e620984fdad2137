# every language has the same words with the same placeholders, and lib/src/messages.dart lists it
# Must not judge a translation.
. tool/project.sh

folder=assets/messages
reference=$folder/en.json

keys_of() { sed -n 's/^ *"\([^"]*\)":.*/\1/p' "$1" | sort; }
value_of() { sed -n "s/^ *\"$2\": *\"\\(.*\\)\",*\$/\\1/p" "$1"; }
placeholders_of() { value_of "$1" "$2" | grep -o '{[a-z]*}' | sort | tr '\n' ' '; }

check_word() {
  if [ -z "$(value_of "$1" "$2")" ]; then
    fail "$1: $2 is missing or empty"
  elif [ "$(placeholders_of "$1" "$2")" != "$(placeholders_of "$reference" "$2")" ]; then
    fail "$1: $2 has other placeholders than $reference"
  else
    pass "$1: $2"
  fi
}

for file in "$folder"/*.json; do
  while IFS= read -r key; do check_word "$file" "$key"; done <<LIST
$(keys_of "$reference")
LIST
  language=$(basename "$file" .json)
  if ! grep -q "languages = .*'$language'" lib/src/messages.dart; then
    fail "lib/src/messages.dart does not list '$language'"
  fi
  for key in $(keys_of "$file"); do
    if ! keys_of "$reference" | grep -Fxq "$key"; then fail "$file: $key is not in $reference"; fi
  done
done

finish
