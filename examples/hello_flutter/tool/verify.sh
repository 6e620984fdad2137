# Unpacks the archive somewhere else, compares every checksum, checks the project there and packs it again:
# proof that a stranger gets a whole project. Must not look at anything but the archive.
set -eu
cd "$(dirname "$0")/.."
. tool/project.sh

release=$(release_name)
archive=$PWD/dist/$release.tar.gz
scratch_folder

heading "Unpacking $release.tar.gz"
gzip -dc "$archive" | tar -xf - -C "$scratch"
cd "$scratch/$release"
while IFS= read -r line; do
  file=${line#*  }
  if [ "$(sha256_of "$file")" = "$line" ]; then
    pass "$file"
  else
    fail "$file: other checksum than in the manifest"
  fi
done <MANIFEST.sha256
finish

heading 'Checking the unpacked project'
sh tool/check.sh

heading 'Packing it again'
pack "$scratch" "$release" "$scratch/again.tar.gz"
if cmp "$archive" "$scratch/again.tar.gz"; then
  pass 'the same bytes'
else
  fail 'other bytes: the archive depends on where or when it is packed'
fi
finish
