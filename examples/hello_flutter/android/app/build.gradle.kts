// The Android app around the Flutter code. Versions come from pubspec.yaml and the Flutter SDK,
// so nothing has to be changed here for a release.
plugins {
    id("com.android.application")
    // Must stay last: it configures the plug-ins above.
    id("dev.flutter.flutter-gradle-plugin")
}

android {
    namespace = "com.example.hello_flutter"
    compileSdk = flutter.compileSdkVersion
    ndkVersion = flutter.ndkVersion

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }

    defaultConfig {
        applicationId = "com.example.hello_flutter"
        minSdk = flutter.minSdkVersion
        targetSdk = flutter.targetSdkVersion
        versionCode = flutter.versionCode
        versionName = flutter.versionName
    }

    buildTypes {
        release {
            // Debug keys let anybody try a release build; a real app signs with its own.
            signingConfig = signingConfigs.getByName("debug")
        }
    }
}

kotlin {
    compilerOptions {
        jvmTarget = org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_17
    }
}

flutter {
    source = "../.."
}
