/// What a person sees and taps, tested without a device.
/// Must not load assets: words are handed in, so a test reads like the screen.
library;

import 'package:flutter_test/flutter_test.dart';
import 'package:hello_flutter/src/app.dart';
import 'package:hello_flutter/src/build_info.dart';
import 'package:hello_flutter/src/messages.dart';

const _messages = Messages({
  'title': 'Hello',
  'countNone': 'Not tapped yet',
  'countOne': 'Tapped once',
  'countMany': 'Tapped {count} times',
  'increment': 'Tap',
  'buildNumber': 'Build',
  'branch': 'Branch',
  'commit': 'Commit',
});

const _buildInfo = BuildInfo(
  number: '42',
  branch: 'main',
  commit: '0123456789abcdef',
);

void main() {
  Future<void> pumpApp(WidgetTester tester) {
    return tester.pumpWidget(
      const HelloApp(messages: _messages, buildInfo: _buildInfo),
    );
  }

  testWidgets('each tap counts', (tester) async {
    await pumpApp(tester);
    expect(find.text('Not tapped yet'), findsOneWidget);

    await tester.tap(find.text('Tap'));
    await tester.pump();
    expect(find.text('Tapped once'), findsOneWidget);

    await tester.tap(find.text('Tap'));
    await tester.pump();
    expect(find.text('Tapped 2 times'), findsOneWidget);
  });

  testWidgets('the card shows the build and a short commit', (tester) async {
    await pumpApp(tester);
    expect(find.text('42'), findsOneWidget);
    expect(find.text('main'), findsOneWidget);
    expect(find.text('01234567'), findsOneWidget);
  });
}
