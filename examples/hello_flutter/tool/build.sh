# Packages the sources; with Flutter it also analyzes, tests and builds a debug APK into dist/.
# Must not hide a missing tool: the log says what was left out and how to get it.
set -eu
cd "$(dirname "$0")/.."
. tool/project.sh

# A flutter on PATH is already the right one; FVM has to be told which.
if command -v flutter >/dev/null 2>&1; then
  sdk() { flutter "$@"; }
elif command -v fvm >/dev/null 2>&1; then
  fvm use stable --force --skip-pub-get
  sdk() { fvm flutter "$@"; }
else
  heading 'Flutter is missing on this machine: no APK is built, the sources are packaged.'
  echo '  To build the app, install FVM (https://fvm.app) or Flutter'
  echo '  (https://docs.flutter.dev/get-started/install), put it on PATH and run the build again.'
  exec sh tool/package.sh
fi

has_android_sdk() {
  for folder in "${ANDROID_HOME:-}" "${ANDROID_SDK_ROOT:-}" "$HOME/Android/Sdk" "$HOME/Library/Android/sdk"; do
    if [ -d "$folder/platform-tools" ]; then return 0; fi
  done
  sdk config --list 2>/dev/null | grep -q 'android-sdk: /'
}

heading 'Packages'
sdk pub get
heading 'Analyzer'
sdk analyze
heading 'Tests'
# Oore CI shows what the tests found, if there is a folder for it.
sdk test ${OORE_REPORTS:+--file-reporter "json:$OORE_REPORTS/tests.json"}

sh tool/package.sh

if ! has_android_sdk; then
  heading 'The Android SDK is missing on this machine: no APK is built.'
  echo '  Install it with Android Studio or its command line tools, set ANDROID_HOME and run the build again.'
  exit 0
fi

heading 'Debug APK'
set -- build apk --debug
for name in BUILD_NUMBER BRANCH COMMIT_SHA; do
  eval "value=\${$name:-}"
  if [ -n "$value" ]; then set -- "$@" "--dart-define=$name=$value"; fi
done
sdk "$@"
cp build/app/outputs/flutter-apk/app-debug.apk "dist/$(release_name)-debug.apk"
