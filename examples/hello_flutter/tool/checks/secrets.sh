# no key, keystore or token is in the project
# Must not print what it found, only where.
. tool/project.sh

looks_like() {
  case $1 in
    'private key') echo 'BEGIN [A-Z ]*PRIVATE KEY' ;;
    'cloud key') echo '(AKIA|ASIA)[0-9A-Z]{16}' ;;
    'forge token') echo '(ghp|gho|ghs|glpat)[_-][A-Za-z0-9_-]{20,}' ;;
    'API key') echo 'AIza[0-9A-Za-z_-]{35}' ;;
    'password in code') echo '(storePassword|keyPassword) *= *"[^"]+"' ;;
  esac
}

while IFS= read -r file; do
  found=''
  for kind in 'private key' 'cloud key' 'forge token' 'API key' 'password in code'; do
    if grep -Eq "$(looks_like "$kind")" "$file"; then found="$found $kind;"; fi
  done
  case $file in
    *.jks | *.keystore | *.p12 | *.p8 | *.mobileprovision | */key.properties) found="$found signing file;" ;;
  esac
  if [ -z "$found" ]; then pass "$file"; else fail "$file:$found"; fi
done <<LIST
$(project_files)
LIST

finish
