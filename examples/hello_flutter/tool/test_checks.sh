# Plants one fault after the other in a copy of the project and expects the check for it to find it.
# Must not touch the project itself. A check that cannot fail checks nothing. Where a build has a folder for
# reports, each fault is a test in one.
set -eu
cd "$(dirname "$0")/.."
. tool/project.sh
export NO_COLOR=1

scratch_folder
copy_project "$scratch/sound"

# report LINE: adds it to the report, if there is one.
report() {
  if [ -n "${OORE_REPORTS:-}" ]; then printf '%s\n' "$1" >>"$OORE_REPORTS/checks.xml"; fi
}

# expect CHECK FAULT COMMAND: CHECK must fail after COMMAND has run in a fresh copy.
expect() {
  rm -rf "$scratch/faulty"
  cp -R "$scratch/sound" "$scratch/faulty"
  (cd "$scratch/faulty" && eval "$3")
  if (cd "$scratch/faulty" && sh "tool/checks/$1.sh") >"$scratch/output" 2>&1; then
    fail "$1 does not find $2"
    report "<testcase name=\"$1 finds $2\"><failure message=\"the check passes all the same\"/></testcase>"
  else
    report "<testcase name=\"$1 finds $2\"/>"
    pass "$1 finds $2: $(sed -n 's/^ *FAIL //p' "$scratch/output" | head -n 1)"
  fi
}

# replace FILE SED-SCRIPT, as sed -i differs between Linux and macOS.
replace() {
  sed "$2" "$1" >"$1.new"
  mv "$1.new" "$1"
}

heading 'Planting faults'
report '<testsuite name="checks">'
expect pubspec 'a version without a build number' "replace pubspec.yaml 's/^version: .*/version: 1.0/'"
expect pubspec 'no SDK constraint' "replace pubspec.yaml '/^  sdk:/d'"
expect assets 'an empty folder' 'rm assets/messages/*'
expect assets 'an empty file' ': >assets/messages/fr.json'
expect imports 'a file that is gone' 'rm lib/src/messages.dart'
expect imports 'an undeclared package' "echo \"import 'package:http/http.dart';\" >>lib/main.dart"
expect imports 'a test package in lib' "echo \"import 'package:flutter_test/flutter_test.dart';\" >>lib/main.dart"
expect messages 'a word that is missing' "replace assets/messages/de.json '/increment/d'"
expect messages 'a lost placeholder' "replace assets/messages/it.json 's/{count}/molti/'"
expect android 'a resource that is not defined' "replace android/app/src/main/res/values/strings.xml '/app_name/d'"
expect android 'a moved package' "replace android/app/build.gradle.kts 's/hello_flutter/other/'"
expect android 'an open tag' "replace android/app/src/main/AndroidManifest.xml 's|</application>||'"
expect syntax 'a lost bracket' "replace lib/src/app.dart '\$d'"
expect syntax 'an open string' "replace lib/src/messages.dart \"s/'en';/'en;/\""
expect text 'a merge marker' "printf '%s\n' '<<<''<<<< ours' >>README.md"
expect text 'a tab' "printf '\t\n' >>lib/main.dart"
expect yaml 'a key that stands twice' 'echo "version: 2" >>.oore.yaml'
expect yaml 'odd indentation' "replace .oore.yaml 's/^  build:/   build:/'"
expect secrets 'a private key' "printf '%s\n' '-----BEGIN ''PRIVATE KEY-----' >notes.txt"
expect secrets 'a keystore' ': >android/upload.jks'
report '</testsuite>'
finish
