/// Which build this app came from, fixed when it is compiled.
/// Must not read anything while the app runs.
library;

class BuildInfo {
  const BuildInfo({
    required this.number,
    required this.branch,
    required this.commit,
  });

  /// The facts that `tool/build.sh` hands in with `--dart-define`.
  static const current = BuildInfo(
    number: String.fromEnvironment('BUILD_NUMBER', defaultValue: 'local'),
    branch: String.fromEnvironment('BRANCH', defaultValue: 'local'),
    commit: String.fromEnvironment('COMMIT_SHA', defaultValue: 'local'),
  );

  final String number;
  final String branch;
  final String commit;

  String get shortCommit =>
      commit.length > 8 ? commit.substring(0, 8) : commit;
}
