/// Every language has every word, and numbers read well in it.
/// Must not test layout; that is in `widget_test.dart`.
library;

import 'dart:io';

import 'package:flutter_test/flutter_test.dart';
import 'package:hello_flutter/src/messages.dart';

Messages _read(String language) {
  final file = File('assets/messages/$language.json');
  return Messages.parse(file.readAsStringSync());
}

void main() {
  final english = _read(Messages.fallbackLanguage);

  for (final language in Messages.languages) {
    test('$language has the same words as English', () {
      expect(_read(language).keys.toSet(), english.keys.toSet());
    });
  }

  test('none, one and many read differently', () {
    final texts = [0, 1, 2].map(english.counted).toSet();
    expect(texts, hasLength(3));
    expect(english.counted(2), contains('2'));
  });
}
