/// The words of the app in one language, read from `assets/messages/`.
/// Must not decide where a word is shown.
library;

import 'dart:convert';

import 'package:flutter/services.dart';

class Messages {
  const Messages(this._texts);

  factory Messages.parse(String source) {
    final decoded = jsonDecode(source) as Map<String, dynamic>;
    return Messages(decoded.cast<String, String>());
  }

  static const fallbackLanguage = 'en';
  static const languages = ['de', 'en', 'es', 'fr', 'it', 'pt'];

  static Future<Messages> load(String languageCode) async {
    final language = languages.contains(languageCode)
        ? languageCode
        : fallbackLanguage;
    return Messages.parse(
      await rootBundle.loadString('assets/messages/$language.json'),
    );
  }

  final Map<String, String> _texts;

  Iterable<String> get keys => _texts.keys;

  /// A missing word shows its key: ugly on screen, and so soon found.
  String text(String key) => _texts[key] ?? key;

  String counted(int count) {
    final key = switch (count) {
      0 => 'countNone',
      1 => 'countOne',
      _ => 'countMany',
    };
    return text(key).replaceAll('{count}', '$count');
  }
}
