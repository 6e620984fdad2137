# every asset that pubspec.yaml names exists and is not empty
# Must not read what is inside an asset; messages.sh does that for words.
. tool/project.sh

asset_file() {
  if [ -s "$1" ]; then pass "$1 ($(($(wc -c <"$1"))) bytes)"; else fail "$1: missing or empty"; fi
}

# A folder in pubspec.yaml means the files directly in it.
asset_folder() {
  found=0
  for file in "$1"*; do
    if [ -f "$file" ]; then found=1; asset_file "$file"; fi
  done
  if [ "$found" -eq 0 ]; then fail "$1: pubspec.yaml names it, but it holds no file"; fi
}

while IFS= read -r asset; do
  case $asset in
    '') ;;
    */) asset_folder "$asset" ;;
    *) asset_file "$asset" ;;
  esac
done <<LIST
$(pubspec_block flutter | awk '/^  [a-z]/ { inside = ($1 == "assets:"); next } inside { sub(/^ *- */, ""); print }')
LIST

finish
