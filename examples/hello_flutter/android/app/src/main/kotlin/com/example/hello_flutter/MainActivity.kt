// The Android window that Flutter draws in. Everything else is Dart.
package com.example.hello_flutter

import io.flutter.embedding.android.FlutterActivity

class MainActivity : FlutterActivity()
