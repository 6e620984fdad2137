/// Starts the app: loads the words of the device's language, then shows it.
/// Must not hold state or layout; those live in `src/`.
library;

import 'package:flutter/widgets.dart';

import 'src/app.dart';
import 'src/build_info.dart';
import 'src/messages.dart';

Future<void> main() async {
  final binding = WidgetsFlutterBinding.ensureInitialized();
  final messages = await Messages.load(
    binding.platformDispatcher.locale.languageCode,
  );
  runApp(HelloApp(messages: messages, buildInfo: BuildInfo.current));
}
