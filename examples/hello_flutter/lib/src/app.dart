/// The app's frame: theme, title and first page.
/// Must not load anything; what it shows is handed in.
library;

import 'package:flutter/material.dart';

import 'build_info.dart';
import 'home_page.dart';
import 'messages.dart';

class HelloApp extends StatelessWidget {
  const HelloApp({required this.messages, required this.buildInfo, super.key});

  final Messages messages;
  final BuildInfo buildInfo;

  @override
  Widget build(BuildContext context) {
    return MaterialApp(
      title: messages.text('title'),
      theme: _theme(Brightness.light),
      darkTheme: _theme(Brightness.dark),
      home: HomePage(messages: messages, buildInfo: buildInfo),
    );
  }

  ThemeData _theme(Brightness brightness) {
    return ThemeData(
      colorScheme: ColorScheme.fromSeed(
        seedColor: Colors.indigo,
        brightness: brightness,
      ),
    );
  }
}
