// Finds the Flutter SDK that builds this app and names the Gradle plug-ins' versions.
// The SDK's place comes from local.properties, which Flutter writes and git ignores.

pluginManagement {
    val flutterSdk: String = java.util.Properties()
        .apply { file("local.properties").inputStream().use { load(it) } }
        .getProperty("flutter.sdk")
        ?: error("local.properties has no flutter.sdk; run `flutter pub get` first")

    includeBuild("$flutterSdk/packages/flutter_tools/gradle")

    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

plugins {
    id("dev.flutter.flutter-plugin-loader") version "1.0.0"
    id("com.android.application") version "9.1.0" apply false
    id("org.jetbrains.kotlin.android") version "2.4.0" apply false
}

include(":app")
