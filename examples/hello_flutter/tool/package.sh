# Packs sources and assets into dist/<name>-<version>+<build>.tar.gz with a manifest of checksums.
# Must not pack what git ignores, nor change a source file.
set -eu
cd "$(dirname "$0")/.."
. tool/project.sh

release=$(release_name)
archive=$PWD/dist/$release.tar.gz
scratch_folder
mkdir -p dist "$scratch/$release"

heading "Packing $release"
copy_project "$scratch/$release"
project_files | while IFS= read -r file; do
  sum=$(sha256_of "$file")
  printf '%s\n' "$sum" >>"$scratch/$release/MANIFEST.sha256"
  printf '  %s %s\n' "$(printf '%.12s' "$sum")" "$file"
done

pack "$scratch" "$release" "$archive"
printf 'dist/%s: %s bytes\n' "${archive##*/}" "$(($(wc -c <"$archive")))"
