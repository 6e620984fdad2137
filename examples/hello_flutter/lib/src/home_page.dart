/// The only page: a counter, and the card with the facts of this build.
/// Must not know where words and facts come from.
library;

import 'package:flutter/material.dart';

import 'build_info.dart';
import 'messages.dart';

class HomePage extends StatefulWidget {
  const HomePage({required this.messages, required this.buildInfo, super.key});

  final Messages messages;
  final BuildInfo buildInfo;

  @override
  State<HomePage> createState() => _HomePageState();
}

class _HomePageState extends State<HomePage> {
  int _count = 0;

  void _increment() => setState(() => _count++);

  @override
  Widget build(BuildContext context) {
    final messages = widget.messages;
    return Scaffold(
      appBar: AppBar(title: Text(messages.text('title'))),
      body: SafeArea(
        child: ListView(
          padding: const EdgeInsets.all(24),
          children: [
            Text(
              messages.counted(_count),
              style: Theme.of(context).textTheme.headlineSmall,
            ),
            const SizedBox(height: 24),
            BuildInfoCard(messages: messages, buildInfo: widget.buildInfo),
          ],
        ),
      ),
      floatingActionButton: FloatingActionButton.extended(
        onPressed: _increment,
        icon: const Icon(Icons.add),
        label: Text(messages.text('increment')),
      ),
    );
  }
}

class BuildInfoCard extends StatelessWidget {
  const BuildInfoCard({
    required this.messages,
    required this.buildInfo,
    super.key,
  });

  final Messages messages;
  final BuildInfo buildInfo;

  @override
  Widget build(BuildContext context) {
    final rows = {
      'buildNumber': buildInfo.number,
      'branch': buildInfo.branch,
      'commit': buildInfo.shortCommit,
    };
    return Card(
      child: Column(
        children: [
          for (final row in rows.entries)
            ListTile(
              title: Text(messages.text(row.key)),
              trailing: Text(row.value),
            ),
        ],
      ),
    );
  }
}
